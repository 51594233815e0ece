namespace SoupsActors.Learning.Judging;

/// <summary>A method's answers to the prompts of a comparison, in their order.</summary>
/// <param name="Method">Names the method.</param>
/// <param name="Answers">One answer for each prompt.</param>
public sealed record MethodAnswers(string Method, IReadOnlyList<string> Answers);

/// <summary>One cell of a <see cref="PairwiseTable"/>.</summary>
/// <param name="Method">The method whose wins are counted.</param>
/// <param name="Opponent">The method it is compared with.</param>
/// <param name="Criterion">Id of the criterion, or null for the aggregated judgement.</param>
/// <param name="Result">The counts.</param>
public sealed record PairwiseCell(string Method, string Opponent, string? Criterion, WinTieLoss Result);

/// <summary>
/// Every method against every other: by each criterion, and aggregated per prompt over the criteria. Single judgements
/// are kept, so that any rate can be derived later.
/// </summary>
public sealed class PairwiseTable
{
    /// <summary>Stands for the aggregated judgement among the criteria.</summary>
    private const string Aggregate = "";

    /// <summary>
    /// For each pair in the order of <see cref="Methods"/> the judgements by criterion, one a prompt.
    /// </summary>
    private readonly Dictionary<(string Method, string Opponent, string Criterion), Judgement[]> judgements;

    private PairwiseTable(
        IReadOnlyList<string> methods,
        IReadOnlyList<string> criteria,
        Dictionary<(string Method, string Opponent, string Criterion), Judgement[]> judgements)
    {
        Methods = methods;
        Criteria = criteria;
        this.judgements = judgements;
    }

    /// <summary>The methods in their given order.</summary>
    public IReadOnlyList<string> Methods { get; }

    /// <summary>Ids of the criteria in their given order.</summary>
    public IReadOnlyList<string> Criteria { get; }

    /// <summary>All ordered pairs of different methods: each criterion, then the aggregate.</summary>
    public IEnumerable<PairwiseCell> Cells =>
        from method in Methods
        from opponent in Methods
        where method != opponent
        from criterion in Criteria.Append(null)
        select new PairwiseCell(
            method, opponent, criterion, WinTieLoss.Of(Of(method, opponent, criterion ?? Aggregate)));

    /// <summary>Judges every pair of methods on every prompt by every criterion.</summary>
    /// <param name="judge">Compares two answers.</param>
    /// <param name="criteria">The criteria, such as the preferences of one combination.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="methods">The methods and their answers to the prompts.</param>
    /// <param name="parallelism">Most comparisons under way at once; a judge may have a bound of its own.</param>
    /// <param name="cancellationToken">Stops the judging.</param>
    /// <exception cref="ArgumentException">A method does not answer every prompt, or a name is there twice.</exception>
    public static async Task<PairwiseTable> JudgeAsync(
        IJudge judge,
        IReadOnlyList<Criterion> criteria,
        IReadOnlyList<string> prompts,
        IReadOnlyList<MethodAnswers> methods,
        int parallelism = 8,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(judge);
        ArgumentNullException.ThrowIfNull(criteria);
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(methods);
        Check(criteria, prompts, methods);

        var judged = new Dictionary<(string, string, string), Judgement[]>();
        var work = new List<(Criterion Criterion, int Prompt, MethodAnswers A, MethodAnswers B, Judgement[] Results)>();
        for (var a = 0; a < methods.Count; a++)
        {
            for (var b = a + 1; b < methods.Count; b++)
            {
                foreach (var criterion in criteria)
                {
                    var results = new Judgement[prompts.Count];
                    judged[(methods[a].Method, methods[b].Method, criterion.Id)] = results;
                    for (var prompt = 0; prompt < prompts.Count; prompt++)
                        work.Add((criterion, prompt, methods[a], methods[b], results));
                }
            }
        }

        var limits = new ParallelOptions
        {
            MaxDegreeOfParallelism = parallelism,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(work, limits, async (item, token) =>
        {
            var (criterion, prompt, a, b, results) = item;
            results[prompt] = await judge.CompareAsync(
                criterion, prompts[prompt], a.Answers[prompt], b.Answers[prompt], token);
        });

        string[] ids = [.. criteria.Select(c => c.Id)];
        foreach (var (method, opponent) in judged.Keys.Select(k => (k.Item1, k.Item2)).Distinct().ToArray())
        {
            judged[(method, opponent, Aggregate)] =
            [
                .. Enumerable.Range(0, prompts.Count).Select(
                    prompt => Judgements.Aggregate(ids.Select(id => judged[(method, opponent, id)][prompt]))),
            ];
        }

        return new PairwiseTable([.. methods.Select(m => m.Method)], ids, judged);
    }

    /// <summary>
    /// Tables of the same methods as one, such as those of several combinations: counts of a criterion that several
    /// hold are added, and so are the aggregated ones.
    /// </summary>
    /// <exception cref="ArgumentException">The tables compare different methods, or there is none.</exception>
    public static PairwiseTable Merge(IReadOnlyList<PairwiseTable> tables)
    {
        ArgumentNullException.ThrowIfNull(tables);
        if (tables.Count == 0 || tables.Any(t => !t.Methods.SequenceEqual(tables[0].Methods)))
            throw new ArgumentException("Tables to merge compare the same methods in the same order.", nameof(tables));
        return new PairwiseTable(
            tables[0].Methods,
            [.. tables.SelectMany(t => t.Criteria).Distinct()],
            tables.SelectMany(t => t.judgements)
                .GroupBy(j => j.Key)
                .ToDictionary(g => g.Key, g => g.SelectMany(j => j.Value).ToArray()));
    }

    /// <summary>A method against an opponent by one criterion.</summary>
    /// <exception cref="ArgumentException">The table does not hold this comparison.</exception>
    public WinTieLoss Result(string method, string opponent, string criterion) =>
        WinTieLoss.Of(Of(method, opponent, criterion));

    /// <summary>A method against an opponent, the criteria of each prompt taken together.</summary>
    /// <exception cref="ArgumentException">The table does not hold this comparison.</exception>
    public WinTieLoss Aggregated(string method, string opponent) => WinTieLoss.Of(Of(method, opponent, Aggregate));

    /// <summary>
    /// Mean aggregated win rate of a method over its opponents; one that it only ties with counts one half.
    /// </summary>
    public double MeanWinRate(string method) => Methods.Where(m => m != method)
        .Select(opponent => Aggregated(method, opponent).WinRate)
        .Average(rate => double.IsNaN(rate) ? 0.5 : rate);

    private IEnumerable<Judgement> Of(string method, string opponent, string criterion)
    {
        if (judgements.TryGetValue((method, opponent, criterion), out var found))
            return found;
        if (judgements.TryGetValue((opponent, method, criterion), out found))
            return found.Select(Judgements.Reversed);
        throw new ArgumentException($"The table does not compare '{method}' with '{opponent}' by '{criterion}'.");
    }

    private static void Check(
        IReadOnlyList<Criterion> criteria, IReadOnlyList<string> prompts, IReadOnlyList<MethodAnswers> methods)
    {
        string[] ids = [.. criteria.Select(c => c.Id).Where(id => id.Length > 0).Distinct()];
        if (ids.Length == 0 || ids.Length < criteria.Count)
            throw new ArgumentException("There must be a criterion, and ids must differ.", nameof(criteria));
        if (methods.DistinctBy(m => m.Method).Count() < Math.Max(2, methods.Count))
            throw new ArgumentException("There must be two methods, and names must differ.", nameof(methods));
        if (methods.FirstOrDefault(m => m.Answers.Count != prompts.Count) is { } method)
        {
            throw new ArgumentException(
                $"{method.Method} has {method.Answers.Count} answers to {prompts.Count} prompts.", nameof(methods));
        }
    }
}
