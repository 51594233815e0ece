using System.Text;
using SoupsActors.Dashboard.Shared;
using SoupsActors.Generation;
using SoupsActors.Judging;
using SoupsActors.Users;

namespace SoupsActors.Dashboard.Data.Playground;

/// <summary>How far an answer is.</summary>
public enum AnswerPhase
{
    /// <summary>Asked, nothing has come yet.</summary>
    Waiting,

    /// <summary>Text comes.</summary>
    Streaming,

    /// <summary>It is complete.</summary>
    Done,

    /// <summary>It was stopped, and is as long as it was then.</summary>
    Stopped,

    /// <summary>It failed.</summary>
    Failed,
}

/// <summary>
/// One answer of the playground as it comes. Guests' grains give it also where a user's mix is tried, so that trying
/// leaves nothing among the user's own answers.
/// </summary>
/// <param name="grains">The cluster.</param>
/// <param name="clock">Clock.</param>
/// <param name="onChange">Called when there is something new to show, not more often than people can see.</param>
public sealed class AnswerRun(IGrainFactory grains, TimeProvider clock, Func<Task> onChange)
{
    private const int Guests = 16;
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(60);

    private readonly StringBuilder text = new();
    private long start;

    /// <summary>How far it is.</summary>
    public AnswerPhase Phase { get; private set; }

    /// <summary>The text so far.</summary>
    public string Text => text.ToString();

    /// <summary>Why it failed.</summary>
    public string? Failure { get; private set; }

    /// <summary>Names the answer, so that feedback can refer to it.</summary>
    public string? Interaction { get; private set; }

    /// <summary>Tokens counted; null until the end.</summary>
    public AnswerUsage? Usage { get; private set; }

    /// <summary>How long the first text took; null before.</summary>
    public TimeSpan? FirstText { get; private set; }

    /// <summary>How long all took; null until the end.</summary>
    public TimeSpan? Elapsed { get; private set; }

    /// <summary>The answer by the preferences; null until the end.</summary>
    public AnswerScores? Scores { get; private set; }

    /// <summary>Asks, and reads to the end; failures become part of the answer.</summary>
    public async Task RunAsync(PlaygroundColumn column, PlaygroundSetting setting, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(column);
        ArgumentNullException.ThrowIfNull(setting);
        start = clock.GetTimestamp();
        try
        {
            var request = await RequestAsync(column, setting);
            var guest = grains.GetGrain<IGuestGrain>(Random.Shared.Next(Guests));
            await ReadAsync(guest.Stream(request, cancellationToken), cancellationToken);
            Phase = AnswerPhase.Done;
            Elapsed = clock.GetElapsedTime(start);
            await onChange();
            Scores = await grains.GetGrain<ICriticGrain>(Random.Shared.Next(Guests)).Score(setting.Prompt, Text);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Phase = AnswerPhase.Stopped;
        }
        catch (Exception error)
        {
            // A judge that fails takes nothing away from an answer that is there.
            Failure = Failures.Explain(error);
            if (Phase != AnswerPhase.Done)
                Phase = AnswerPhase.Failed;
        }

        await onChange();
    }

    private async Task ReadAsync(IAsyncEnumerable<AnswerPiece> pieces, CancellationToken cancellationToken)
    {
        var shown = start;
        await foreach (var piece in pieces.WithCancellation(cancellationToken))
        {
            text.Append(piece.Text);
            Interaction = piece.Interaction ?? Interaction;
            Usage = piece.Usage ?? Usage;
            var isFirst = Phase == AnswerPhase.Waiting && text.Length > 0;
            if (isFirst)
            {
                Phase = AnswerPhase.Streaming;
                FirstText = clock.GetElapsedTime(start);
            }

            // The first text is shown at once: the next may be long in coming.
            if (!isFirst && clock.GetElapsedTime(shown) < Frame)
                continue;
            shown = clock.GetTimestamp();
            await onChange();
        }
    }

    private async Task<TextRequest> RequestAsync(PlaygroundColumn column, PlaygroundSetting setting)
    {
        var sampling = new SamplingSettings { Temperature = setting.Temperature, MaxTokens = setting.MaxTokens };
        var request = new TextRequest
        {
            Messages = [new ChatMessage("user", setting.Prompt)],
            Sampling = sampling,
            Seed = unchecked((ulong)setting.Seed),
        };
        switch (column.Kind)
        {
            case ColumnKind.Base:
                return request with { Model = ModelChoice.Base };
            case ColumnKind.Expert:
                return request with { Model = ModelChoice.Expert, Expert = column.Name };
            case ColumnKind.Mix:
                return request with { Soup = new SoupOverride { Mix = new(column.Mix, StringComparer.Ordinal) } };
        }

        var user = Identifiers.RequireUser(column.Name);
        var profile = (await grains.GetGrain<IUserGrain>(user).GetProfile()).Profile;
        return request with
        {
            Messages = string.IsNullOrWhiteSpace(profile.SystemPrompt)
                ? request.Messages
                : [new ChatMessage("system", profile.SystemPrompt), .. request.Messages],
            Sampling = profile.Sampling with { Temperature = sampling.Temperature, MaxTokens = sampling.MaxTokens },
            Soup = new SoupOverride
            {
                Mix = profile.Mix,
                Merge = profile.Merge,
                Normalize = profile.Normalize,
                PromptTexts = profile.PromptTexts,
            },
        };
    }
}
