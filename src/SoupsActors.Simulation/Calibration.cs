using System.Text.Json;
using System.Text.Json.Nodes;

namespace SoupsActors.Simulation;

/// <summary>A measured figure beside the simulated one.</summary>
/// <param name="Metric">Path in the result, such as <c>answer.p50</c> or <c>silo_shares[0]</c>.</param>
/// <param name="Measured">What the real cluster did.</param>
/// <param name="Simulated">What the simulation of it says.</param>
/// <param name="Holds">Whether they are as close as asked for.</param>
public sealed record CalibrationLine(string Metric, double Measured, double Simulated, bool Holds)
{
    /// <summary>Simulated over measured.</summary>
    public double Ratio => Simulated / Measured;
}

/// <summary>
/// A real cluster on file: <c>{"options": {…}, "measured": {"answer.p50": 1.2, …}}</c>, where options are those of
/// <see cref="SimulationOptions"/> that differ from the defaults and measured figures are named as in
/// <see cref="SimulationResult"/>.
/// </summary>
public sealed class Calibration
{
    private Calibration(SimulationOptions options, IReadOnlyDictionary<string, double> measured)
    {
        Options = options;
        Measured = measured;
    }

    /// <summary>The cluster.</summary>
    public SimulationOptions Options { get; }

    /// <summary>What was measured on it, by path in the result.</summary>
    public IReadOnlyDictionary<string, double> Measured { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidOperationException">The file is not as described; the message says where.</exception>
    public static Calibration Read(string path)
    {
        try
        {
            var file = JsonSerializer.Deserialize<CalibrationFile>(File.ReadAllBytes(path), SimulationJson.Options)
                ?? throw new JsonException("It is null.");
            if (file.Measured.Count == 0)
                throw new JsonException("It measures nothing.");
            file.Options.Validate();
            return new Calibration(file.Options, file.Measured);
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new InvalidOperationException(
                $"{path} cannot be used: {error.Message} It must hold "
                + """{"options": {"silos": 2, …}, "measured": {"answer.p50": 1.2, …}}.""",
                error);
        }
    }

    /// <summary>Compares a result with what was measured.</summary>
    /// <param name="result">Of a simulation of <see cref="Options"/>.</param>
    /// <param name="tolerance">Largest relative difference that holds, such as 0.2.</param>
    /// <exception cref="InvalidOperationException">A result has no figure of that name.</exception>
    public IReadOnlyList<CalibrationLine> Compare(SimulationResult result, double tolerance)
    {
        var json = JsonSerializer.SerializeToNode(result, SimulationJson.Options)!;
        return
        [
            .. Measured.Select(entry =>
            {
                var simulated = Find(json, entry.Key);
                return new CalibrationLine(
                    entry.Key,
                    entry.Value,
                    simulated,
                    Math.Abs(simulated - entry.Value) <= tolerance * Math.Abs(entry.Value));
            }),
        ];
    }

    private static double Find(JsonNode json, string path)
    {
        JsonNode? at = json;
        foreach (var step in path.Replace("[", ".", StringComparison.Ordinal).Split('.'))
        {
            at = at switch
            {
                JsonObject fields => fields[step],
                JsonArray items when int.TryParse(step.TrimEnd(']'), out var index) && index < items.Count =>
                    items[index],
                _ => null,
            };
        }

        return at is JsonValue value && value.TryGetValue(out double number)
            ? number
            : throw new InvalidOperationException(
                $"A result has no figure '{path}'. Name one such as answers_per_second, answer.p50 or silo_shares[0].");
    }

    private sealed record CalibrationFile
    {
        public SimulationOptions Options { get; init; } = new();

        public Dictionary<string, double> Measured { get; init; } = [];
    }
}
