using SoupsActors.Silo.Hosting;
using SoupsActors.Testing;

namespace SoupsActors.Silo.Tests;

public sealed class StorageSettingsTests
{
    [Theory]
    [InlineData("Provider=Cassandra", "Soups:Storage:Provider is 'Cassandra'; it must be one of Sqlite, PostgreSql")]
    [InlineData("Provider=PostgreSql", "Soups:Storage:ConnectionString is missing")]
    [InlineData("ConnectionString=Host=db", "Soups:Storage:Provider is not PostgreSql")]
    [InlineData("FeedbackProvider=PostgreSql", "Soups:Storage:ConnectionString is missing")]
    [InlineData("MaxConnections=1", "2 to 200")]
    [InlineData("StartTimeout=-00:00:01", "0 to one hour")]
    [InlineData("FeedbackRetention=00:00:01", "at least one hour")]
    public async Task wrong_settings_are_named(string setting, string expected) =>
        Assert.Contains(expected, await RefusalAsync(setting), StringComparison.Ordinal);

    [Fact]
    public async Task a_database_that_is_not_there_ends_the_start_with_the_reason()
    {
        var message = await RefusalAsync(
            "Provider=PostgreSql", "ConnectionString=Host=127.0.0.1;Port=9;Username=soups;Password=secret",
            "StartTimeout=00:00:00");
        Assert.Contains("127.0.0.1:9 cannot be reached", message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    private static async Task<string> RefusalAsync(params string[] settings)
    {
        using var folder = new TemporaryFolder();
        var error = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var app = SoupsHost.Build(
            [
                "--urls", "http://127.0.0.1:0", $"--Soups:DataDirectory={folder["data"]}",
                "--Logging:LogLevel:Default=None", .. settings.Select(setting => "--Soups:Storage:" + setting),
            ]);
            await app.StartAsync();
        });
        return error.Message;
    }
}
