using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using SoupsActors.Dashboard.Data.Experiments;
using SoupsActors.Dashboard.Data.Feed;
using SoupsActors.Dashboard.Data.Training;

namespace SoupsActors.Dashboard.Data;

/// <summary>
/// What pages read and do. Everything goes through grains, so that it is the same on one machine and on a cluster.
/// </summary>
internal static class DashboardData
{
    public static void AddDashboardData(this IServiceCollection services)
    {
        services.AddSingleton<MinuteClock>();
        services.TryAddSingleton<HostFacts>();
        services.AddSingleton<TrainingBoardSource>();
        services.AddSingleton<SampleAnswers>();
        services.AddSingleton<ExperimentShelf>();
        services.AddSingleton<FeedbackFeed>();
        services.AddSingleton<ComparisonDesk>();
        services.AddPagesData();
        services.AddSingleton<OverviewFeed>();
        services.AddSingleton<OperationsFeed>();
    }
}
