using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SoupsActors.Generation;
using SoupsActors.Placement;

namespace SoupsActors.Grains.Generation;

/// <summary>
/// Has a generator answer a request, and another go on where the first is lost in the middle: the tokens so far go
/// along, and with the same seed, prompt and versions of experts the rest is what the first would have said. A generator
/// that refuses because it is full, loading or stopping, or cannot fetch an expert's weights, is passed over too.
/// </summary>
internal sealed partial class GeneratorRoute(
    IGrainFactory grains,
    GeneratorDirectory directory,
    GeneratorDevices devices,
    GeneratorSelection selection,
    IOptions<PlacementOptions> options,
    ILogger<GeneratorRoute> logger)
{
    /// <summary>All pieces of the answer.</summary>
    /// <param name="request">With its seed, without which nobody could go on with it.</param>
    /// <param name="cancellationToken">Frees the row.</param>
    /// <exception cref="SoupsException">
    /// The request is refused, no generator is there, or the answer broke off and nobody could go on with it.
    /// </exception>
    public async IAsyncEnumerable<AnswerPiece> RunAsync(
        GeneratorRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var failed = new HashSet<string>(StringComparer.Ordinal);
        var progress = new Progress();
        for (var attempt = 1; ; attempt++)
        {
            var generator = await ChooseAsync(request, failed, progress, cancellationToken);
            await using var call = new GeneratorCall(
                grains, generator.Key, request with { Continuation = [.. progress.Tokens] },
                generator.Known is { } known ? directory.Silence(known) : default, cancellationToken);
            progress.Base ??= generator.Known?.Report.Model.BaseHash;
            while (await call.NextAsync() is { } piece)
            {
                progress.Add(piece);
                yield return piece;
                if (piece.End is not null)
                    yield break;
            }

            // Only failures end the loop: an answer without an end is one.
            var failure = call.Failure ?? new InvalidOperationException("The answer broke off without an end.");
            progress.Failure = failure;
            failed.Add(generator.Key);
            if (!MayPass(failure, progress) || attempt >= options.Value.Attempts)
                throw Ended(failure, progress);
            if (LostCalls.Is(failure) && generator.Known is { } lost)
                directory.Suspect(lost);
            LogPassed(generator.Key, progress.Tokens.Count, failure.GetType().Name, failure.Message);
        }
    }

    private async ValueTask<(string Key, KnownGenerator? Known)> ChooseAsync(
        GeneratorRequest request, HashSet<string> failed, Progress progress, CancellationToken cancellationToken)
    {
        var known = await directory.ListAsync(cancellationToken);
        if (selection.Choose(known, request, failed, progress.Base) is { } chosen)
            return (chosen.Key, chosen);
        if (progress.Failure is { } failure)
            throw Ended(failure, progress);

        // A device that is still loading says so itself; one of another base says what does not fit.
        if (known.Count > 0)
            return (known[0].Key, known[0]);
        return (devices.Keys.FirstOrDefault() ?? throw GeneratorDirectory.NoGenerator(), null);
    }

    private static bool MayPass(Exception failure, Progress progress) => failure switch
    {
        _ when progress.HasText && !progress.CanContinue => false,
        SoupsException { MayPass: true } => true,
        SoupsException { Code: "invalid_expert" or "damaged_expert" } => true,
        _ => LostCalls.Is(failure),
    };

    private static SoupsException Ended(Exception failure, Progress progress)
    {
        var isAway = failure is SoupsException { Error: SoupsError.NotReady or SoupsError.Unavailable };
        if (!LostCalls.Is(failure) && !(progress.HasText && isAway))
            ExceptionDispatchInfo.Throw(failure);
        return new SoupsException(
            SoupsError.NotReady,
            progress.HasText
                ? "The generator was lost in the middle of the answer and no other can go on with it. Send the request "
                    + "again; with the same seed the answer begins with the same text."
                : "No generator could be reached. Send the request again in a moment.",
            "generator_lost");
    }

    [LoggerMessage(
        LogLevel.Warning,
        "Generator {Generator} failed after {Tokens} tokens ({Error}: {Message}); another is asked to go on.")]
    private partial void LogPassed(string generator, int tokens, string error, string message);

    /// <summary>What has been handed over of an answer.</summary>
    private sealed class Progress
    {
        public List<int> Tokens { get; } = [];

        public bool HasText { get; private set; }

        /// <summary>Whether all text came with its tokens, so that another generator can go on after them.</summary>
        public bool CanContinue { get; private set; } = true;

        /// <summary>The base that the answer began on.</summary>
        public string? Base { get; set; }

        public Exception? Failure { get; set; }

        public void Add(AnswerPiece piece)
        {
            Tokens.AddRange(piece.Tokens);
            HasText |= piece.Text.Length > 0 || piece.Tokens.Length > 0;
            CanContinue &= piece.Tokens.Length > 0 || piece.Text.Length == 0;
        }
    }
}
