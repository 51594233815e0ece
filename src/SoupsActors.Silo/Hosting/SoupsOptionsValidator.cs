using Microsoft.Extensions.Options;
using SoupsActors.Grains.Device;
using SoupsActors.Grains.Placement;
using SoupsActors.Grains.Storage;
using SoupsActors.Silo.Hosting.Clustering;

namespace SoupsActors.Silo.Hosting;

/// <summary>Refuses wrong settings before anything starts, each with the setting's name and what it takes.</summary>
internal sealed class SoupsOptionsValidator : IValidateOptions<SoupsOptions>
{
    public ValidateOptionsResult Validate(string? name, SoupsOptions options)
    {
        var wrong = new List<string>();
        Require(options.Device is "cpu", "Device", options.Device, "\"cpu\"");
        Require(options.Threads is null or (>= 1 and <= 1024), "Threads", options.Threads, "1 to 1024");
        Require(options.CacheTokens >= 256, "CacheTokens", options.CacheTokens, "at least 256");
        Require(options.DefaultMaxTokens >= 1, "DefaultMaxTokens", options.DefaultMaxTokens, "at least 1");
        Require(
            options.HistoryLimit is >= 0 and <= SoupsLimits.MaxHistoryMessages,
            "HistoryLimit", options.HistoryLimit, $"0 to {SoupsLimits.MaxHistoryMessages}");
        Require(
            options.InteractionRetention >= TimeSpan.Zero && options.InteractionRetention <= TimeSpan.FromDays(3650),
            "InteractionRetention", options.InteractionRetention, "0 to 3650 days");
        Require(
            options.MaxRequestBytes is >= 1024 and <= 100L << 20,
            "MaxRequestBytes", options.MaxRequestBytes, "1024 to 104857600");
        Require(
            options.ShutdownTimeout >= TimeSpan.FromSeconds(1) && options.ShutdownTimeout <= TimeSpan.FromHours(1),
            "ShutdownTimeout", options.ShutdownTimeout, "1 second to 1 hour");
        Require(
            options.Model is null || ModelPackage.Find(options.Model) is not null,
            "Model", options.Model, "a Hugging Face folder with a config.json");
        Require(
            options.ImportDirectory is null || Directory.Exists(options.ImportDirectory),
            "ImportDirectory", options.ImportDirectory, "an existing directory");
        Require(
            options.ApiKey is null || !string.IsNullOrWhiteSpace(options.ApiKey),
            "ApiKey", "(blank)", "a text, or left out");
        Require(
            !File.Exists(options.ExperimentsPath),
            "Experiments:Directory", options.Experiments.Directory, "a directory, not a file");
        Require(!File.Exists(options.DataPath), "DataDirectory", options.DataDirectory, "a directory, not a file");
        foreach (var (setting, value, range) in options.Cluster.Problems())
            Require(false, $"Cluster:{setting}", value, range);
        Require(
            ClusterHost.CanCluster || !options.Cluster.IsCluster,
            "Cluster:Membership",
            options.Cluster.Membership,
            "Localhost in this build, which runs all grains in one process; several silos need the build with "
                + "-p:ActorHost=Orleans");
        Require(
            !ClusterHost.CanCluster || !options.Cluster.IsCluster || !KeepsInOneProcess(options.Storage.Provider),
            "Storage:Provider",
            options.Storage.Provider,
            $"one that all silos of a cluster share, such as {StorageProviders.PostgreSql}");
        Require(
            Identifiers.IsExpert(options.SiloName), "Name", options.Name,
            "1 to 64 letters, digits, dots, dashes or underscores; a letter or digit comes first");
        CheckRoles(options, wrong);
        foreach (var (setting, value, range) in options.Placement.Problems())
            Require(false, $"Placement:{setting}", value, range);
        foreach (var (setting, value, range) in options.Training.Problems())
            Require(false, $"Training:{setting}", value, range);
        foreach (var (setting, value, range) in options.ExpertFiles.Problems())
            Require(false, $"ExpertFiles:{setting}", value, range);
        Require(
            options.ClusterKey is null || !string.IsNullOrWhiteSpace(options.ClusterKey),
            "ClusterKey", "(blank)", "a text, or left out");
        wrong.AddRange(StorageRules.Problems(options.Storage));
        try
        {
            options.Engine.Validate();
        }
        catch (ArgumentException error)
        {
            wrong.Add($"{SoupsOptions.Section}:Engine: {error.Message}");
        }

        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);

        void Require(bool holds, string setting, object? value, string range)
        {
            if (!holds)
                wrong.Add($"{SoupsOptions.Section}:{setting} is '{value}'; it must be {range}.");
        }
    }

    private static bool KeepsInOneProcess(string provider) =>
        provider.Equals(StorageProviders.Sqlite, StringComparison.OrdinalIgnoreCase);

    private static void CheckRoles(SoupsOptions options, List<string> wrong)
    {
        try
        {
            if (!options.SiloRoles.HasFlag(SiloRoles.Gateway | SiloRoles.Generator) && !options.Cluster.IsCluster)
            {
                wrong.Add(
                    $"{SoupsOptions.Section}:Roles is '{options.Roles}', but a single process answers nobody without "
                    + "gateway and generator. Add them, or set Soups:Cluster so that other silos have them.");
            }
        }
        catch (FormatException error)
        {
            wrong.Add($"{SoupsOptions.Section}:Roles: {error.Message}");
        }
    }
}
