using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SoupsActors.Feedback;
using SoupsActors.Generation;

namespace SoupsActors.Grains.Feedback;

/// <summary>Who made a request.</summary>
/// <param name="User">The user, or null for a guest.</param>
/// <param name="MayStore">Whether something about them may still be stored; false once they were forgotten.</param>
internal readonly record struct Requester(string? User, Func<bool> MayStore)
{
    public static Requester Guest { get; } = new(null, static () => true);
}

/// <summary>Keeps answers, so that feedback can refer to them.</summary>
internal sealed partial class InteractionLog(
    IInteractionStore store, IOptions<InteractionOptions> options, TimeProvider clock, ILogger<InteractionLog> logger)
{
    /// <summary>Follows an answer about which everything but its text is known.</summary>
    public InteractionDraft Begin(Interaction about, Requester requester) => new(this, about, requester);

    // An answer is worth more than its record: a full disk must not keep users from being answered.
    private async Task KeepAsync(Interaction interaction)
    {
        if (options.Value.Retention <= TimeSpan.Zero)
            return;
        var kept = options.Value.KeepText
            ? interaction
            : interaction with { Messages = null, Prompt = null, PromptTexts = [], Answer = null };
        try
        {
            await store.AddAsync(kept with { At = clock.GetUtcNow() });
        }
        catch (Exception error)
        {
            LogNotKept(error);
        }
    }

    [LoggerMessage(LogLevel.Warning, "An answer could not be kept; feedback about it will be refused.")]
    private partial void LogNotKept(Exception error);

    /// <summary>An answer under way.</summary>
    internal sealed class InteractionDraft(InteractionLog log, Interaction about, Requester requester)
    {
        private readonly StringBuilder text = new();
        private bool kept;

        /// <summary>
        /// Takes note of a piece and gives it the answer's name. The last one comes back once the answer is on disk, so
        /// that whoever has seen the end can refer to it.
        /// </summary>
        public async ValueTask<AnswerPiece> AddAsync(AnswerPiece piece)
        {
            text.Append(piece.Text);
            if (piece.End is not null)
                await KeepAsync(piece);
            return piece with { Interaction = about.Id };
        }

        /// <summary>Keeps what was sent of an answer that broke off.</summary>
        public Task CloseAsync() => kept || text.Length == 0 ? Task.CompletedTask : KeepAsync(null);

        private Task KeepAsync(AnswerPiece? last)
        {
            kept = true;
            return requester.MayStore()
                ? log.KeepAsync(about with
                {
                    User = requester.User,
                    Answer = text.ToString(),
                    End = last?.End,
                    Seed = last?.Seed ?? about.Seed,
                })
                : Task.CompletedTask;
        }
    }
}
