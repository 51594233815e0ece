using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace SoupsActors.Grains.Storage.PostgreSql;

/// <summary>Short forms for commands whose values travel as parameters $1, $2 …</summary>
internal static class PostgreSqlCommands
{
    /// <summary>A JSON text.</summary>
    public static NpgsqlParameter JsonText(string text) => new() { Value = text, NpgsqlDbType = NpgsqlDbType.Json };

    /// <summary>A column of JSON texts.</summary>
    public static NpgsqlParameter Json(IEnumerable<string?> texts) =>
        new() { Value = texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Json };

    public static NpgsqlBatch Then(this NpgsqlBatch batch, string sql, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        Fill(command.Parameters, values);
        batch.BatchCommands.Add(command);
        return batch;
    }

    /// <summary>Runs a statement and returns the number of rows it changed.</summary>
    public static async Task<int> ExecuteAsync(this NpgsqlConnection connection, string sql, params object?[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>Runs a query and reads each row of its answer.</summary>
    public static async Task<List<T>> QueryAsync<T>(
        this NpgsqlConnection connection, string sql, Func<DbDataReader, T> read, params object?[] values)
    {
        await using var command = Command(connection, sql, values);
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAllAsync(read);
    }

    /// <summary>Reads each row of the current result.</summary>
    public static async Task<List<T>> ReadAllAsync<T>(this DbDataReader reader, Func<DbDataReader, T> read)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync())
            rows.Add(read(reader));
        return rows;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object?[] values)
    {
#pragma warning disable CA2100 // every statement is a literal of this program; values travel as parameters
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        Fill(command.Parameters, values);
        return command;
    }

    private static void Fill(NpgsqlParameterCollection parameters, ReadOnlySpan<object?> values)
    {
        foreach (var value in values)
            parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value ?? DBNull.Value });
    }
}
