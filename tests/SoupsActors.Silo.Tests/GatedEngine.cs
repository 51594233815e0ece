using System.Runtime.CompilerServices;
using System.Threading.Channels;
using SoupsActors.Experts;
using SoupsActors.Generation;
using SoupsActors.Grains.Generation;

namespace SoupsActors.Silo.Tests;

/// <summary>An engine that lets one piece out for each permit, and fails when told to.</summary>
internal sealed class GatedEngine : ITextEngine
{
    private int rows;

    public Channel<bool> Permits { get; } = Channel.CreateUnbounded<bool>();

    /// <summary>Thrown by rows that begin.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>Thrown in place of the second piece.</summary>
    public Exception? Breakdown { get; set; }

    public SemaphoreSlim RowBegan { get; } = new(0);

    public SemaphoreSlim RowEnded { get; } = new(0);

    public int Rows => rows;

    public GeneratorLoad? Load => new(0, rows, 8, [], 16, 0, 0);

    public Task HoldAsync(ExpertLease lease, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<AdmittedExpert> AdmitAsync(string folder, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ModelDescriptor Describe() => new("gated", "base", 256, 300, DateTimeOffset.UnixEpoch);

    public async IAsyncEnumerable<AnswerPiece> GenerateAsync(
        GeneratorRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Refusal is not null)
            throw Refusal;
        Interlocked.Increment(ref rows);
        RowBegan.Release();
        try
        {
            for (var i = 0; ; i++)
            {
                await Permits.Reader.ReadAsync(cancellationToken);
                if (i == 1 && Breakdown is not null)
                    throw Breakdown;
                yield return new AnswerPiece { Text = "word " };
            }
        }
        finally
        {
            Interlocked.Decrement(ref rows);
            RowEnded.Release();
        }
    }
}
