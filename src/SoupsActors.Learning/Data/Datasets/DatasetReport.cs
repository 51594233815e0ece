namespace SoupsActors.Learning.Data.Datasets;

/// <summary>An entry that could not be used.</summary>
/// <param name="Line">Line of the file where it begins, from 1.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record DatasetProblem(long Line, string Reason);

/// <summary>
/// What became of every entry of a file: nothing vanishes without being counted. Filled while the file is read.
/// </summary>
public sealed class DatasetReport
{
    private const int RememberedProblems = 100;

    private readonly List<DatasetProblem> problems = [];
    private readonly SortedDictionary<string, long> skipped = new(StringComparer.Ordinal);

    /// <summary>Entries seen.</summary>
    public long Entries { get; private set; }

    /// <summary>Rows they made.</summary>
    public long Rows { get; private set; }

    /// <summary>Entries that could not be used at all.</summary>
    public long Bad { get; private set; }

    /// <summary>The first of the bad entries.</summary>
    public IReadOnlyList<DatasetProblem> Problems => problems;

    /// <summary>Parts of good entries that were left out on purpose, by reason.</summary>
    public IReadOnlyDictionary<string, long> Skipped => skipped;

    /// <summary>Counts an entry that could not be used.</summary>
    public void AddProblem(long line, string reason)
    {
        Bad++;
        if (problems.Count < RememberedProblems)
            problems.Add(new DatasetProblem(line, reason));
    }

    internal void AddEntry() => Entries++;

    internal void AddRow() => Rows++;

    internal void Skip(string reason) => skipped[reason] = skipped.GetValueOrDefault(reason) + 1;
}
