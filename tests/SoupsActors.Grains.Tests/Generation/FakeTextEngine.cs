using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using SoupsActors.Experts;
using SoupsActors.Generation;
using SoupsActors.Grains.Generation;

namespace SoupsActors.Grains.Tests.Generation;

/// <summary>
/// Answers "one two three" word by word and keeps what it was asked. A test may let the words out one by one, and sees
/// when a row ends, however it ends.
/// </summary>
internal sealed class FakeTextEngine : ITextEngine
{
    public static readonly string[] Words = ["one", " two", " three"];

    public ConcurrentQueue<GeneratorRequest> Requests { get; } = [];

    public string BaseHash { get; set; } = "base-hash";

    /// <summary>What it says to a request; <see cref="Words"/> where null.</summary>
    public Func<GeneratorRequest, string[]>? Say { get; set; }

    /// <summary>Whether its pieces come without their tokens, so that nobody can go on after them.</summary>
    public bool HidesTokens { get; set; }

    /// <summary>Rows under way.</summary>
    public int Rows;

    /// <summary>Where a test wants to decide about each word, it writes one permit a word here.</summary>
    public Channel<bool>? Permits { get; set; }

    /// <summary>Thrown instead of an answer.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Released whenever a row begins.</summary>
    public SemaphoreSlim RowBegan { get; } = new(0);

    /// <summary>Released whenever a row ends.</summary>
    public SemaphoreSlim RowEnded { get; } = new(0);

    /// <summary>How busy it says it is.</summary>
    public GeneratorLoad? Load { get; set; } = new(0, 0, 8, [], 16, 0, 0);

    /// <summary>Experts that it was asked to hold.</summary>
    public ConcurrentQueue<string> Held { get; } = [];

    /// <summary>How many words a row says before <see cref="Failure"/> is thrown.</summary>
    public int WordsBeforeFailure { get; set; }

    public Task HoldAsync(ExpertLease lease, CancellationToken cancellationToken)
    {
        Held.Enqueue(lease.Hash);
        return Task.CompletedTask;
    }

    public Task<AdmittedExpert> AdmitAsync(string folder, CancellationToken cancellationToken) =>
        Task.FromResult(TestSilo.Weights("admitted"));

    public ModelDescriptor Describe() => new("fake", BaseHash, 128, 64, DateTimeOffset.UnixEpoch);

    public async IAsyncEnumerable<AnswerPiece> GenerateAsync(
        GeneratorRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Requests.Enqueue(request);
        Interlocked.Increment(ref Rows);
        RowBegan.Release();
        try
        {
            var words = Say?.Invoke(request) ?? Words;
            for (var token = request.Continuation.Length; token < words.Length; token++)
            {
                if (Failure is not null && token - request.Continuation.Length >= WordsBeforeFailure)
                    throw Failure;
                if (Permits is not null)
                    await Permits.Reader.ReadAsync(cancellationToken);
                yield return new AnswerPiece { Text = words[token], Tokens = HidesTokens ? [] : [token] };
            }

            yield return new AnswerPiece
            {
                End = AnswerEnd.Stop,
                Usage = new AnswerUsage(5, words.Length),
                Seed = request.Seed ?? 7,
            };
        }
        finally
        {
            Interlocked.Decrement(ref Rows);
            RowEnded.Release();
        }
    }
}
