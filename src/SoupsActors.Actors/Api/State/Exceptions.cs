using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>A write was refused because another version is stored than the one last read.</summary>
/// <remarks>A grain that lets it out of a call is deactivated, so that the next call reads the state again.</remarks>
[GenerateSerializer]
public class InconsistentStateException : OrleansException
{
    /// <summary>Without a message.</summary>
    public InconsistentStateException()
    {
    }

    /// <summary>With a message.</summary>
    public InconsistentStateException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and a cause.</summary>
    public InconsistentStateException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>With both versions and a cause.</summary>
    public InconsistentStateException(
        string errorMsg, string? storedEtag, string? currentEtag, Exception? storageException)
        : base(errorMsg, storageException)
    {
        StoredEtag = storedEtag;
        CurrentEtag = currentEtag;
    }

    /// <summary>With both versions.</summary>
    public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
        : this(errorMsg, storedEtag, currentEtag, null)
    {
    }

    /// <summary>Whether the exception is still within the grain whose state it is about.</summary>
    internal bool IsSourceActivation { get; set; } = true;

    /// <summary>The version in storage.</summary>
    [Id(1)]
    public string? StoredEtag { get; private set; }

    /// <summary>The version the writer had read.</summary>
    [Id(2)]
    public string? CurrentEtag { get; private set; }
}

/// <summary>A grain asks for a storage that is not registered.</summary>
[GenerateSerializer]
public sealed class BadProviderConfigException : OrleansException
{
    /// <summary>Without a message.</summary>
    public BadProviderConfigException()
    {
    }

    /// <summary>With a message.</summary>
    public BadProviderConfigException(string msg)
        : base(msg)
    {
    }

    /// <summary>With a message and a cause.</summary>
    public BadProviderConfigException(string msg, Exception exc)
        : base(msg, exc)
    {
    }
}
