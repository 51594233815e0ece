using Microsoft.Extensions.Options;
using SoupsActors.Clustering;
using SoupsActors.Dashboard.Hosting;
using SoupsActors.Experts;
using SoupsActors.Grains;
using SoupsActors.Grains.Experts;
using SoupsActors.Grains.Feedback;
using SoupsActors.Grains.Placement;
using SoupsActors.Grains.Storage;
using SoupsActors.Silo.Api;
using SoupsActors.Silo.Api.Cluster;
using SoupsActors.Silo.Api.Experts;
using SoupsActors.Silo.Api.Feedback;
using SoupsActors.Silo.Api.Judging;
using SoupsActors.Silo.Api.OpenAi;
using SoupsActors.Silo.Api.Trainings;
using SoupsActors.Silo.Api.Users;
using SoupsActors.Silo.Hosting.Clustering;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Hosting;

/// <summary>Puts the server together: settings, grains, engine, HTTP.</summary>
public static class SoupsHost
{
    /// <summary>Where the server listens unless --urls or ASPNETCORE_URLS says otherwise.</summary>
    public const string DefaultUrl = "http://localhost:5080";

    /// <summary>Builds a server that is ready to run.</summary>
    public static WebApplication Build(string[] args) => Build(args, null);

    /// <summary>The same with other services in place of some; for tests.</summary>
    internal static WebApplication Build(string[] args, Action<IServiceCollection>? replaceServices)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ContentRootPath = AppContext.BaseDirectory,
        });
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
            builder.WebHost.UseUrls(DefaultUrl);
        AddSettings(builder);
        var cluster = builder.Configuration.GetSection(ClusterOptions.Section).Get<ClusterOptions>() ?? new();
        var section = builder.Configuration.GetSection(SoupsOptions.Section);
        var early = new SoupsOptions
        {
            Cluster = cluster,
            Roles = section[nameof(SoupsOptions.Roles)],
            Name = section[nameof(SoupsOptions.Name)],
        };
        var roles = early.KnownRoles;
        builder.UseSilo(cluster, silo => silo
            .AddSoupsStorage()
            .AddSoupsPlacement(roles, roles.HasFlag(SiloRoles.Generator) ? [early.SiloName] : []));
        DatabaseOwner.AddTo(builder.Services, builder.Configuration);
        builder.Services.AddSoups(roles);
        AddHttp(builder);
        replaceServices?.Invoke(builder.Services);

        var app = builder.Build();
        app.UseMiddleware<OpenRequests>();
        app.UseMiddleware<ErrorMiddleware>();
        app.UseRouting();
        app.UseMiddleware<AccessMiddleware>();
        if (roles.HasFlag(SiloRoles.Gateway))
            app.UseSoupsDashboard();
        MapRoutes(app, roles);
        return app;
    }

    internal static void MapRoutes(IEndpointRouteBuilder routes, SiloRoles roles)
    {
        routes.MapHealth();
        routes.MapExpertFiles();
        if (!roles.HasFlag(SiloRoles.Gateway))
            return;
        routes.MapChat();
        routes.MapCompletions();
        routes.MapModels();
        routes.MapGenerators();
        routes.MapUsers();
        routes.MapUserDirectory();
        routes.MapScores();
        routes.MapFeedback();
        routes.MapPreferences();
        routes.MapExperts();
        routes.MapTrainings();
        routes.MapCluster();
        routes.MapDashboardPages();
        routes.MapOpenApi().WithAccess(AccessPolicy.Key);
    }

    private static void AddSettings(WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<SoupsOptions>()
            .BindConfiguration(SoupsOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SoupsOptions>, SoupsOptionsValidator>();
        builder.Services.AddOptions<HostOptions>()
            .Configure<IOptions<SoupsOptions>>((to, from) => to.ShutdownTimeout = from.Value.ShutdownTimeout);
        builder.Services.AddOptions<ConversationOptions>()
            .Configure<IOptions<SoupsOptions>>((to, from) => to.HistoryLimit = from.Value.HistoryLimit);
        builder.Services.AddOptions<InteractionOptions>().Configure<IOptions<SoupsOptions>>((to, from) =>
            (to.Retention, to.KeepText) = (from.Value.InteractionRetention, from.Value.KeepInteractionText));
    }

    private static void AddHttp(WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.ConfigureHttpJsonOptions(json => ApiJson.Apply(json.SerializerOptions));
        services.AddOpenApi(document => document.AddDocumentTransformer((about, _, _) =>
        {
            about.Info.Title = "SoupsActors";
            about.Info.Description = "One base model, a shelf of experts, and for each user their own soup of them.";
            return Task.CompletedTask;
        }));
        services.AddSingleton(DashboardFacts.Of);
        services.AddSoupsDashboard();
        services.AddSingleton<OpenRequests>();
        services.AddSingleton<OperatorSession>();
        services.AddSingleton<IOperatorAccess>(provider => provider.GetRequiredService<OperatorSession>());
        services.AddSingleton<ClusterKey>();
        services.AddSingleton<AnswerSource>();
        services.AddSingleton<FeedbackIntake>();
        services.AddSingleton<FeedbackExport>();
        services.AddSingleton<IExpertImport, ExpertImport>();
        services.AddSingleton(provider =>
            new ImportFolder(provider.GetRequiredService<IOptions<SoupsOptions>>().Value.ImportDirectory));
        builder.WebHost.ConfigureKestrel((_, kestrel) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize =
                kestrel.ApplicationServices.GetRequiredService<IOptions<SoupsOptions>>().Value.MaxRequestBytes;
        });
    }
}
