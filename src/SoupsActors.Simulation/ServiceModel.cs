namespace SoupsActors.Simulation;

/// <summary>
/// How long a device takes. A step gives every running row one token and lasts
/// <c>StepSeconds + RowSeconds·B + ExpertSeconds·K + RowExpertSeconds·B·K</c> for B rows and K resident experts: the
/// engine computes the whole stack of residents for every row. Reading prompts and changing residents stop the steps
/// meanwhile.
/// </summary>
public sealed record ServiceModel
{
    /// <summary>A step of no rows: reading the base's weights, and all that is done once.</summary>
    public double StepSeconds { get; init; }

    /// <summary>More for each row: its keys and values, its attention.</summary>
    public double RowSeconds { get; init; }

    /// <summary>More for each resident expert: reading its factors.</summary>
    public double ExpertSeconds { get; init; }

    /// <summary>More for each row and resident expert: multiplying with its factors, where that is not free.</summary>
    public double RowExpertSeconds { get; init; }

    /// <summary>Reading one token of a prompt.</summary>
    public double PromptTokenSeconds { get; init; }

    /// <summary>Bringing one expert from memory to the device.</summary>
    public double LoadSeconds { get; init; }

    /// <summary>Laying out the stack anew, for each expert in it, whenever one is brought.</summary>
    public double RestackSeconds { get; init; }

    /// <summary>Names of the models there are.</summary>
    public static IReadOnlyList<string> Names { get; } = ["h200-8b", "miniature-cpu"];

    /// <summary>A model by name.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static ServiceModel Named(string name) => name switch
    {
        "h200-8b" => Accelerator(new AcceleratorArithmetic()),
        "miniature-cpu" => MiniatureOnOneCore,
        _ => throw new ArgumentException($"There is no device model '{name}'. There are: {string.Join(", ", Names)}."),
    };

    /// <summary>Seconds of a step.</summary>
    /// <param name="rows">B.</param>
    /// <param name="experts">K.</param>
    public double Step(int rows, int experts) =>
        StepSeconds + RowSeconds * rows + ExpertSeconds * experts + RowExpertSeconds * rows * experts;

    /// <summary>
    /// Answers a second that a device can give at most: every place taken, nothing to load.
    /// </summary>
    /// <param name="rows">Places.</param>
    /// <param name="experts">Resident experts.</param>
    /// <param name="promptTokens">Tokens of a prompt.</param>
    /// <param name="answerTokens">Tokens of an answer.</param>
    public double Capacity(int rows, int experts, double promptTokens, double answerTokens) =>
        1 / (promptTokens * PromptTokenSeconds + answerTokens * Step(rows, experts) / rows);

    /// <summary>
    /// The arithmetic of memory-bound decoding on an accelerator: a step reads the base's weights, each expert's factors
    /// and each row's keys and values once.
    /// </summary>
    public static ServiceModel Accelerator(AcceleratorArithmetic of)
    {
        ArgumentNullException.ThrowIfNull(of);
        var bandwidth = of.BytesPerSecond * of.Efficiency;
        return new ServiceModel
        {
            StepSeconds = of.WeightBytes / bandwidth,
            RowSeconds = of.ContextTokens * of.KeyValueBytesPerToken / bandwidth,
            ExpertSeconds = of.ExpertBytes / bandwidth,
            PromptTokenSeconds = of.WeightBytes / (of.OperationsPerSecond * of.Efficiency),
            LoadSeconds = of.ExpertBytes / of.BusBytesPerSecond,
            // Each factor is read and written once within the device.
            RestackSeconds = 2 * of.ExpertBytes / bandwidth,
        };
    }

    /// <summary>
    /// The packaged miniature on one core, within a fifth of <c>soups bench decode --threads 1</c> on a server with
    /// AVX-512 (base rows at batch 1, 8, 32: 0.21, 0.82, 4.0 ms a step; with six experts 0.34, 1.2, 4.9 ms). That a
    /// token of a prompt takes as long as a row, and the time to load an expert, are assumed.
    /// </summary>
    public static ServiceModel MiniatureOnOneCore { get; } = new()
    {
        StepSeconds = 0.00011,
        RowSeconds = 0.00011,
        ExpertSeconds = 0.000018,
        RowExpertSeconds = 0.000004,
        PromptTokenSeconds = 0.00011,
        LoadSeconds = 0.001,
    };
}

/// <summary>
/// What the arithmetic needs; the defaults are an H200 with Llama-3.1-8B in 16 bits and experts of rank 16. Vendors'
/// numbers are upper bounds that running systems miss by a third or more: hence the efficiency.
/// </summary>
public sealed record AcceleratorArithmetic
{
    /// <summary>Bytes of all matrices that a step reads.</summary>
    public double WeightBytes { get; init; } = 15.0e9;

    /// <summary>Bytes of one expert's factors.</summary>
    public double ExpertBytes { get; init; } = 83.9e6;

    /// <summary>Bytes of one token's keys and values over all layers.</summary>
    public double KeyValueBytesPerToken { get; init; } = 131072;

    /// <summary>Tokens of context of a row, on average.</summary>
    public double ContextTokens { get; init; } = 1024;

    /// <summary>Memory bandwidth.</summary>
    public double BytesPerSecond { get; init; } = 4.8e12;

    /// <summary>
    /// Floating-point operations; a weight of two bytes takes two for each token.
    /// </summary>
    public double OperationsPerSecond { get; init; } = 989e12;

    /// <summary>From the host's memory to the device.</summary>
    public double BusBytesPerSecond { get; init; } = 50e9;

    /// <summary>Share of bandwidth and operations that are had in practice, above 0 to 1.</summary>
    public double Efficiency { get; init; } = 0.6;
}
