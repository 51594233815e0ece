using SoupsActors.Feedback;
using SoupsActors.Preferences;
using SoupsActors.Trainings;

namespace SoupsActors.Dashboard.Data.Training;

/// <summary>Looks at all trainings once a second while somebody watches.</summary>
public sealed class TrainingBoardSource(IGrainFactory grains, TimeProvider clock)
    : LiveSource<TrainingBoard>(TimeSpan.FromSeconds(1), clock)
{
    /// <summary>Counting reads an index of the whole log, so it is done less often.</summary>
    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(10);

    private readonly TimeProvider clock = clock;
    private DateTimeOffset countedAt;
    private FeedbackCount[] counts = [];

    /// <summary>The trainer of a preference.</summary>
    public ITrainerGrain Trainer(string preference) => grains.GetGrain<ITrainerGrain>(preference);

    /// <inheritdoc/>
    protected override async Task<TrainingBoard> ReadAsync(CancellationToken cancellationToken)
    {
        var preferences = await grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key).List();
        var newest = await Task.WhenAll(preferences.Select(p => Trainer(p.Id).Describe()));
        var now = clock.GetUtcNow();
        if (now - countedAt >= CountEvery)
        {
            counts = await grains.GetGrain<IFeedbackLogGrain>(0).Count();
            countedAt = now;
        }

        return new TrainingBoard([.. preferences.Zip(newest, CardOf)]);
    }

    private TrainingCard CardOf(Preference preference, TrainingStatus? status)
    {
        var comparisons = counts.Where(c => c.Preference == preference.Id).Sum(c => c.Comparisons);
        var used = status?.Data is { } data ? data.Comparisons + data.HeldOut : 0;
        return new TrainingCard(preference, status, comparisons, Math.Max(0, comparisons - used));
    }
}
