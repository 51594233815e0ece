using SoupsActors.Learning.Fronts;

namespace SoupsActors.Miniature.Experiments.Rewarded;

/// <summary>
/// The sweep that Rewarded Soups publishes for news summaries (LLaMA-7B, README of the released code): eleven λ and the
/// mean rewards of 200 test prompts. A checker that finds a margin below zero here is wrong.
/// </summary>
internal static class PublishedSweep
{
    /// <summary>λ as the share of the first expert, by the endpoints: R1 rises with it.</summary>
    private static readonly (double Lambda, double Quality, double Hallucinated, double Faithful)[] Rows =
    [
        (0.0, 0.9837322938069701, 0.34354008454363794, -0.4440372304804623),
        (0.1, 1.108713237568736, 0.34228092256031234, -0.44228213937953115),
        (0.2, 1.1973440561071038, 0.3337066343799233, -0.44304117301478985),
        (0.3, 1.285310146510601, 0.41363132309168577, -0.44826980523765086),
        (0.4, 1.3942182363569737, 0.6186571175232529, -0.4634812906384468),
        (0.5, 1.4592856185883283, 0.617289823628962, -0.4630217505991459),
        (0.6, 1.5127975235134363, 0.6535065068677067, -0.4648162759467959),
        (0.7, 1.5688072920590639, 0.7415622024610639, -0.4705177211761475),
        (0.8, 1.653215588144958, 0.8457040116935969, -0.47928548775613306),
        (0.9, 1.728214347474277, 0.8377302279276774, -0.47746868235990403),
        (1.0, 1.7814147435873746, 1.0361331396130844, -0.4901799873448908),
    ];

    /// <summary>
    /// R1 is the summary reward model's score, R2 the faithfulness detector's FAITHFUL less HALLUCINATED.
    /// </summary>
    public static LambdaSweep NewsSummary() => new(Rows.Select(row => new SweepPoint(
        [row.Lambda, 1 - row.Lambda], PromptScores.OfMeans(row.Quality, row.Faithful - row.Hallucinated))));
}
