namespace SoupsActors.Dashboard.Shared;

/// <summary>What a person is about to do.</summary>
/// <param name="Title">The question, such as “Forget alice?”.</param>
/// <param name="Consequence">What will be done and whether it can be undone.</param>
/// <param name="Action">The word on the button, such as “Forget”.</param>
/// <param name="Dismiss">The word on the button that does nothing.</param>
public sealed record Confirmation(string Title, string Consequence, string Action, string Dismiss = "Cancel");

/// <summary>
/// Asks before something is done that cannot be undone: <c>if (await Confirm.AskAsync(new("Forget alice?", …)))</c>.
/// </summary>
public sealed class Confirmations
{
    private TaskCompletionSource<bool>? answer;

    /// <summary>The open question.</summary>
    internal Confirmation? Open { get; private set; }

    /// <summary>Says that a question was asked or answered.</summary>
    internal event Action? Changed;

    /// <summary>Asks; a question that was open is answered with no.</summary>
    public Task<bool> AskAsync(Confirmation question)
    {
        Answer(false);
        Open = question;
        answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Changed?.Invoke();
        return answer.Task;
    }

    internal void Answer(bool isYes)
    {
        if (Open is null)
            return;
        Open = null;
        answer!.TrySetResult(isYes);
        Changed?.Invoke();
    }
}
