using Microsoft.Extensions.DependencyInjection;

namespace SoupsActors.Dashboard.Data;

/// <summary>
/// What pages read and do. Everything goes through grains, so that it is the same on one machine and on a cluster.
/// </summary>
internal static class DashboardData
{
    public static void AddDashboardData(this IServiceCollection services)
    {
        services.AddSingleton<MinuteClock>();
    }
}
