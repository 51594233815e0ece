namespace Orleans.Runtime;

/// <summary>The base of the host's own exceptions.</summary>
[GenerateSerializer]
public class OrleansException : Exception
{
    /// <summary>Without a message.</summary>
    public OrleansException()
        : base("Unexpected error.")
    {
    }

    /// <summary>With a message.</summary>
    public OrleansException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and a cause.</summary>
    public OrleansException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The call was not run.</summary>
[GenerateSerializer]
public class OrleansMessageRejectionException : OrleansException
{
    internal OrleansMessageRejectionException(string message)
        : base(message)
    {
    }
}

/// <summary>The call was not run because the host is stopping or stopped.</summary>
[GenerateSerializer]
public sealed class SiloUnavailableException : OrleansMessageRejectionException
{
    /// <summary>With a standard message.</summary>
    public SiloUnavailableException()
        : base("The grain host is stopping or stopped.")
    {
    }

    /// <summary>With a message.</summary>
    public SiloUnavailableException(string message)
        : base(message)
    {
    }
}

/// <summary>The host is not set up as the grain needs it.</summary>
[GenerateSerializer]
public sealed class OrleansConfigurationException : OrleansException
{
    /// <summary>With a message.</summary>
    public OrleansConfigurationException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and a cause.</summary>
    public OrleansConfigurationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
