using System.Text.Json;

namespace SoupsActors.Learning.Training;

/// <summary>What a training measured at one step; names are those of <see cref="MetricNames"/>.</summary>
/// <param name="Step">The step, from 1.</param>
/// <param name="Values">Finite numbers by name.</param>
public sealed record TrainingMetrics(int Step, IReadOnlyDictionary<string, double> Values)
{
    /// <summary>A value, or NaN where the step did not measure it.</summary>
    public double this[string name] => Values.GetValueOrDefault(name, double.NaN);
}

/// <summary>
/// The metrics of a training as JSON lines: one object a step with its <c>step</c> first, readable while the training
/// runs. A resumed training goes on after the step of its checkpoint: later lines, which it will measure again, are
/// dropped.
/// </summary>
public sealed class MetricLog : IProgress<TrainingMetrics>, IDisposable
{
    private readonly FileStream output;

    private MetricLog(FileStream output) => this.output = output;

    /// <summary>Opens a log to write after a step.</summary>
    /// <param name="path">The file; made where missing.</param>
    /// <param name="afterStep">Lines of later steps, and a torn last line, are removed; 0 empties the log.</param>
    public static MetricLog Open(string path, int afterStep = 0)
    {
        var kept = 0L;
        if (File.Exists(path))
        {
            using var reader = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            kept = LengthUpTo(reader, afterStep);
        }

        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        stream.SetLength(kept);
        stream.Position = kept;
        return new MetricLog(stream);
    }

    /// <summary>Reads what is there, also while it is being written; a torn last line is left out.</summary>
    public static IReadOnlyList<TrainingMetrics> Read(string path)
    {
        if (!File.Exists(path))
            return [];
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var read = new List<TrainingMetrics>();
        foreach (var (line, _) in Lines(stream))
        {
            if (Parse(line) is { } metrics)
                read.Add(metrics);
        }

        return read;
    }

    /// <inheritdoc/>
    public void Report(TrainingMetrics value)
    {
        ArgumentNullException.ThrowIfNull(value);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("step", value.Step);
            foreach (var (name, number) in value.Values)
            {
                // JSON has no NaN; a value that was not measured is left out.
                if (double.IsFinite(number))
                    json.WriteNumber(name, number);
            }

            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        output.Write(buffer.GetBuffer(), 0, (int)buffer.Length);
        output.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => output.Dispose();

    private static long LengthUpTo(Stream stream, int step)
    {
        var length = 0L;
        foreach (var (line, end) in Lines(stream))
        {
            if (Parse(line) is not { } metrics || metrics.Step > step)
                break;
            length = end;
        }

        return length;
    }

    /// <summary>Whole lines and the position after each.</summary>
    private static IEnumerable<(byte[] Line, long End)> Lines(Stream stream)
    {
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        var bytes = copy.ToArray();
        var start = 0;
        while (Array.IndexOf(bytes, (byte)'\n', start) is var end and >= 0)
        {
            yield return (bytes[start..end], end + 1);
            start = end + 1;
        }
    }

    private static TrainingMetrics? Parse(byte[] line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var step = json.RootElement.GetProperty("step").GetInt32();
            return new TrainingMetrics(step, json.RootElement.EnumerateObject()
                .Where(p => p.Name != "step")
                .ToDictionary(p => p.Name, p => p.Value.GetDouble()));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }
}
