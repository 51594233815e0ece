using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
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

    public ModelDescriptor Describe() => new("fake", "base-hash", 128, 64, DateTimeOffset.UnixEpoch);

    public async IAsyncEnumerable<AnswerPiece> GenerateAsync(
        GeneratorRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Requests.Enqueue(request);
        Interlocked.Increment(ref Rows);
        RowBegan.Release();
        try
        {
            if (Failure is not null)
                throw Failure;
            foreach (var word in Words)
            {
                if (Permits is not null)
                    await Permits.Reader.ReadAsync(cancellationToken);
                yield return new AnswerPiece { Text = word };
            }

            yield return new AnswerPiece
            {
                End = AnswerEnd.Stop,
                Usage = new AnswerUsage(5, 3),
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
