using SoupsActors.Grains.Storage.PostgreSql;

namespace SoupsActors.Grains.Storage;

/// <summary>Which settings of storage can work.</summary>
public static class StorageRules
{
    /// <summary>What is wrong, each with the setting's name and what it takes; never a password.</summary>
    public static IEnumerable<string> Problems(StorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!StorageProviders.Names.Contains(options.Provider, StringComparer.OrdinalIgnoreCase))
            yield return Say("Provider", options.Provider, "one of " + string.Join(", ", StorageProviders.Names));
        var feedback = options.FeedbackProvider ?? options.Provider;
        if (!StorageProviders.FeedbackNames.Contains(feedback, StringComparer.OrdinalIgnoreCase))
            yield return Say("FeedbackProvider", feedback, "one of " + string.Join(", ", StorageProviders.FeedbackNames));
        if (IsPostgreSql(options.Provider) || IsPostgreSql(feedback))
        {
            if (PostgreSqlDatabase.Problem(options.ConnectionString) is { } problem)
                yield return $"Soups:Storage:ConnectionString {problem}.";
        }
        else if (options.ConnectionString is not null)
        {
            yield return "Soups:Storage:ConnectionString is given, but Soups:Storage:Provider is not PostgreSql.";
        }

        if (options.MaxConnections is < 2 or > 200)
            yield return Say("MaxConnections", options.MaxConnections, "2 to 200");
        if (options.StartTimeout < TimeSpan.Zero || options.StartTimeout > TimeSpan.FromHours(1))
            yield return Say("StartTimeout", options.StartTimeout, "0 to one hour");
        if (options.FeedbackRetention < TimeSpan.FromHours(1))
            yield return Say("FeedbackRetention", options.FeedbackRetention, "at least one hour, or left out");
    }

    private static bool IsPostgreSql(string name) =>
        name.Equals(StorageProviders.PostgreSql, StringComparison.OrdinalIgnoreCase);

    private static string Say(string setting, object? value, string range) =>
        $"Soups:Storage:{setting} is '{value}'; it must be {range}.";
}
