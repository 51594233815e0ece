using Npgsql;

namespace SoupsActors.Grains.Storage.PostgreSql;

/// <summary>Reads connection strings.</summary>
public static class PostgreSqlConnections
{
    /// <summary>
    /// What a connection string says, with encryption by Kerberos off where neither it nor PGGSSENCMODE asks for it.
    /// Npgsql would try it first; where Kerberos' library is missing, as in small images, that costs each connection an
    /// error and a second attempt.
    /// </summary>
    /// <exception cref="ArgumentException">It cannot be read.</exception>
    public static NpgsqlConnectionStringBuilder Read(string connectionString)
    {
        var all = new NpgsqlConnectionStringBuilder(connectionString);
        if (!all.ShouldSerialize("GSS Encryption Mode") && Environment.GetEnvironmentVariable("PGGSSENCMODE") is null)
            all.GssEncryptionMode = GssEncryptionMode.Disable;
        return all;
    }
}
