using System.Runtime.CompilerServices;
using System.Threading.Channels;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Trainings;

/// <summary>
/// Hands news to everyone who watches. A reader that is slow misses steps, never a change of state, of which there are
/// few.
/// </summary>
internal sealed class TrainingNewsfeed
{
    private const int Unread = 64;

    private readonly List<Channel<TrainingNews>> readers = [];

    public void Tell(TrainingNews news)
    {
        foreach (var reader in readers)
        {
            if (news.Status is not null || reader.Reader.Count < Unread)
                reader.Writer.TryWrite(news);
        }
    }

    public async IAsyncEnumerable<TrainingNews> WatchAsync(
        TrainingStatus now, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var mine = Channel.CreateUnbounded<TrainingNews>();
        readers.Add(mine);
        try
        {
            yield return new TrainingNews { Status = now };
            if (now.IsOver)
                yield break;
            await foreach (var news in mine.Reader.ReadAllAsync(cancellationToken))
            {
                yield return news;
                if (news.Status is { IsOver: true })
                    yield break;
            }
        }
        finally
        {
            readers.Remove(mine);
        }
    }
}
