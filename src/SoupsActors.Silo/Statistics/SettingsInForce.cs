using System.Collections;
using System.Globalization;
using System.Reflection;
using SoupsActors.Cluster;
using SoupsActors.Silo.Hosting;

namespace SoupsActors.Silo.Statistics;

/// <summary>The settings as they are in force, by the names that set them.</summary>
internal static class SettingsInForce
{
    private const string Masked = "(set, not shown)";

    private static readonly string[] SecretEndings = ["Key", "Secret", "Password", "Token", "ConnectionString"];

    public static SettingInForce[] Read(SoupsOptions options) =>
        [.. Walk(SoupsOptions.Section, options, new SoupsOptions())];

    private static IEnumerable<SettingInForce> Walk(string path, object options, object? defaults)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (!property.CanWrite || property.GetIndexParameters().Length > 0)
                continue;
            var name = $"{path}:{property.Name}";
            var value = property.GetValue(options);
            var usual = defaults is null ? null : property.GetValue(defaults);
            if (value is not null && IsGroup(property.PropertyType))
            {
                foreach (var setting in Walk(name, value, usual))
                    yield return setting;
                continue;
            }

            var text = Text(value);
            yield return new SettingInForce(name, IsSecret(property.Name, text) ? Masked : text, text == Text(usual));
        }
    }

    private static bool IsGroup(Type type) =>
        type.IsClass && type.Namespace?.StartsWith(nameof(SoupsActors), StringComparison.Ordinal) == true;

    // By its name, or because a password stands in it, as in the connection strings of databases.
    private static bool IsSecret(string name, string value) => value.Length > 0 && (
        SecretEndings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
        || value.Contains("password", StringComparison.OrdinalIgnoreCase)
        || value.Contains("pwd=", StringComparison.OrdinalIgnoreCase)
        || (value.Contains("://", StringComparison.Ordinal) && value.Contains('@', StringComparison.Ordinal)));

    private static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        IEnumerable list => string.Join(", ", list.Cast<object?>().Select(Text)),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
