using SoupsActors.Silo.Hosting;
using SoupsActors.Silo.Statistics;

namespace SoupsActors.Silo.Tests.Statistics;

public sealed class SettingsInForceTests
{
    [Fact]
    public void secrets_are_said_to_be_set_and_not_told()
    {
        var options = new SoupsOptions { ApiKey = "very secret", Threads = 3 };
        options.Storage.ConnectionString = "Host=db;Username=soups;Password=very secret";
        options.Cluster.ConnectionString = "postgres://soups:very secret@db/soups";
        options.Model = "https://someone:very secret@models.example/one";
        var settings = SettingsInForce.Read(options);
        Assert.DoesNotContain(settings, s => s.Value.Contains("very secret", StringComparison.Ordinal));
        Assert.Equal("(set, not shown)", settings.Single(s => s.Name == "Soups:ApiKey").Value);
        Assert.False(settings.Single(s => s.Name == "Soups:ApiKey").IsDefault);
        Assert.Equal(("3", false), Of("Soups:Threads"));
        Assert.Equal(("8192", true), Of("Soups:CacheTokens"));
        Assert.Contains(settings, s => s.Name == "Soups:Training:Defaults:Steps");

        (string, bool) Of(string name)
        {
            var setting = settings.Single(s => s.Name == name);
            return (setting.Value, setting.IsDefault);
        }
    }

    [Fact]
    public void every_package_of_the_program_has_a_known_licence()
    {
        var packages = PartLicences.Versions(Path.Combine(AppContext.BaseDirectory, "SoupsActors.Silo.deps.json"));
        Assert.NotEmpty(packages);
        Assert.All(packages.Keys, package => Assert.NotNull(PartLicences.Of(package)));
    }
}
