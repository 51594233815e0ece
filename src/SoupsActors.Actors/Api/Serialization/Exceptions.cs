using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>A value could not be handed over.</summary>
[GenerateSerializer]
public class SerializerException : OrleansException
{
    /// <summary>With a message.</summary>
    public SerializerException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and a cause.</summary>
    public SerializerException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>Values of the type cannot travel between grains; the message names the type and the remedy.</summary>
[GenerateSerializer]
public sealed class CodecNotFoundException : SerializerException
{
    /// <summary>With a message.</summary>
    public CodecNotFoundException(string message)
        : base(message)
    {
    }
}
