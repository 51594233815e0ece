namespace SoupsActors.Serving;

/// <summary>
/// A request that this engine can never serve; the message says which limit it breaks and what to change.
/// </summary>
/// <param name="parameter">
/// The property of <see cref="GenerationRequest"/> or <see cref="SamplingOptions"/> at fault.
/// </param>
/// <param name="message">What is wrong and what is allowed.</param>
public sealed class RequestRefusedException(string parameter, string message) : Exception(message)
{
    /// <summary>The property of <see cref="GenerationRequest"/> or <see cref="SamplingOptions"/> at fault.</summary>
    public string Parameter { get; } = parameter;
}

/// <summary>The engine's queue is full; the same request may succeed later.</summary>
public sealed class EngineBusyException(string message) : Exception(message);

/// <summary>The engine was stopped before the request could end.</summary>
public sealed class EngineStoppedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// This request failed while others go on: the model gave no usable numbers, or its reader went silent.
/// </summary>
public sealed class GenerationFailedException(string message, Exception? inner = null) : Exception(message, inner);
