using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Dashboard.Data.Experts;
using SoupsActors.Dashboard.Data.Users;

namespace SoupsActors.Dashboard.Data;

/// <summary>What the pages about experts and users read.</summary>
internal static class PagesData
{
    public static void AddPagesData(this IServiceCollection services)
    {
        services.AddSingleton<ExpertShelfSource>();
        services.AddSingleton<UserBrowser>();
        services.AddSingleton<UserDossiers>();
        services.AddSingleton<CohortSource>();
    }
}
