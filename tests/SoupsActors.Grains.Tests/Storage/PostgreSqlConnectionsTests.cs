using Npgsql;
using static SoupsActors.Grains.Tests.Storage.PostgreSqlDatabases;

namespace SoupsActors.Grains.Tests.Storage;

public sealed class PostgreSqlConnectionsTests
{
    [Theory]
    [InlineData("", GssEncryptionMode.Disable)]
    [InlineData(";GSS Encryption Mode=Prefer", GssEncryptionMode.Prefer)]
    [InlineData(";gssencryptionmode=Require", GssEncryptionMode.Require)]
    public void Kerberos_is_not_tried_unless_it_is_asked_for(string more, GssEncryptionMode mode)
    {
        using var database = Open("Host=db;Username=soups" + more);
        using var connection = database.OutsideOfThePool("soups");
        Assert.Equal(mode, new NpgsqlConnectionStringBuilder(connection.ConnectionString).GssEncryptionMode);
    }
}
