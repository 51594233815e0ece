using System.Collections.Immutable;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Miniature.Experiments.Answers;
using SoupsActors.Models.Experts;

namespace SoupsActors.Miniature.Experiments.PersonalizedSoups;

/// <summary>Names of the methods that are compared.</summary>
internal static class MethodNames
{
    public const string Base = "base";
    public const string Prompt = "prompt";
    public const string Rlhf = "RLHF";
    public const string Multitask = "multitask";
    public const string Morl = "P-MORL";
    public const string Product = "soup product";
    public const string ProductWithPrompt = "soup product + prompt";
    public const string Factor = "soup factor";
    public const string FactorWithPrompt = "soup factor + prompt";
    public const string AverageWithPrompt = "soup average + prompt";
}

/// <summary>The experts that the baselines trained.</summary>
internal sealed record Baselines(Expert Rlhf, Expert Multitask, Expert Morl);

/// <summary>The methods of Personalized Soups (arXiv 2310.11564, section 4) and the variants of its merge.</summary>
internal static class SoupMethods
{
    public static IReadOnlyList<ComparedMethod> All(
        IReadOnlyDictionary<string, Expert> experts, Baselines baselines, PersonalizedSoupsOptions options)
    {
        return
        [
            new(MethodNames.Base, "The base, asked the bare question.", _ => RolloutPolicy.Base)
            {
                IsTheSameForAll = true,
            },
            new(MethodNames.Prompt, "The base; the prompt states the three preferences.", _ => RolloutPolicy.Base)
            {
                StatesPreferences = true,
            },
            new(
                MethodNames.Rlhf,
                "One policy by PPO against one general reward model, asked the bare question.",
                _ => RolloutPolicy.Of(baselines.Rlhf))
            {
                IsTheSameForAll = true,
            },
            new(
                MethodNames.Multitask,
                "One adapter fine-tuned on answers to prompts that state preferences; so does the prompt.",
                _ => RolloutPolicy.Of(baselines.Multitask))
            {
                StatesPreferences = true,
            },
            new(
                MethodNames.Morl,
                "One policy by PPO on prompts that state combinations, against the mean of their three reward "
                + "models, which read the bare question; the prompt states them.",
                _ => RolloutPolicy.Of(baselines.Morl))
            {
                StatesPreferences = true,
            },
            new(
                MethodNames.Product,
                Describe("ΔW = Σ λ s B A", options.ProductWeight),
                Soup(MergeMode.Product, options.ProductWeight)),
            new(
                MethodNames.ProductWithPrompt,
                "The same, and the prompt states the preferences.",
                Soup(MergeMode.Product, options.ProductWeight))
            {
                StatesPreferences = true,
            },
            new(
                MethodNames.Factor,
                Describe("ΔW = s (Σ λ B)(Σ λ A)", options.FactorWeight),
                Soup(MergeMode.Factor, options.FactorWeight)),
            new(
                MethodNames.FactorWithPrompt,
                "The same, and the prompt states the preferences.",
                Soup(MergeMode.Factor, options.FactorWeight))
            {
                StatesPreferences = true,
            },
            new(
                MethodNames.AverageWithPrompt,
                Describe(
                    "the merge of the paper's released code, the average of A and of B; the prompt states the "
                    + "preferences",
                    options.AverageWeight),
                Soup(MergeMode.Factor, options.AverageWeight))
            {
                StatesPreferences = true,
            },
        ];

        Func<ImmutableArray<Preference>, RolloutPolicy> Soup(MergeMode mode, float weight) =>
            combination => RolloutPolicy.Of(mode, combination.Select(p => (experts[p.Id], weight)));

        static string Describe(string merge, float weight) =>
            FormattableString.Invariant($"The three experts merged, {merge}, at λ = {weight:0.##} each.");
    }
}
