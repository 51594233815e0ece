using Microsoft.Extensions.Options;
using SoupsActors.Dashboard.Data;
using SoupsActors.Grains.Trainings;
using SoupsActors.Miniature.Recipe;

namespace SoupsActors.Silo.Hosting;

/// <summary>What the dashboard cannot learn from grains.</summary>
internal static class DashboardFacts
{
    public static HostFacts Of(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<SoupsOptions>>().Value;
        var guide = services.GetRequiredService<ITrainingGuide>();
        return new HostFacts
        {
            TrainingDefaults = options.Training.Defaults,
            PracticePrompts = guide.Prompts,
            HeldOutPrompts = guide.HeldOutPrompts,
            ExperimentsDirectory = options.ExperimentsPath,
            MiniatureDirectory = options.Model is null ? MiniatureFolder.Packaged.Root : null,
        };
    }
}
