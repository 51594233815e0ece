namespace SoupsActors.Dashboard.Shared;

/// <summary>
/// Tells what has happened, to eyes and screen readers alike: <c>Announce.Say("alice is forgotten.")</c>. Only the last
/// message is kept.
/// </summary>
public sealed class Announcer
{
    internal string? Message { get; private set; }

    internal bool IsFailure { get; private set; }

    internal event Action? Changed;

    /// <summary>Something was done.</summary>
    public void Say(string message) => Tell(message, isFailure: false);

    /// <summary>Something did not work.</summary>
    public void Fail(string message) => Tell(message, isFailure: true);

    /// <summary>Something did not work; tells what people may know of it.</summary>
    public void Fail(Exception error) => Fail(Failures.Explain(error));

    internal void Clear() => Tell(null, isFailure: false);

    private void Tell(string? message, bool isFailure)
    {
        (Message, IsFailure) = (message, isFailure);
        Changed?.Invoke();
    }
}
