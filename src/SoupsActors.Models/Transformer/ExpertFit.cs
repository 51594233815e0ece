using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;

namespace SoupsActors.Models.Transformer;

/// <summary>Whether an expert can be applied to a base model.</summary>
internal static class ExpertFit
{
    /// <summary>Compares an expert's base hash and shapes with the model's.</summary>
    /// <exception cref="ExpertMismatchException">They differ; the message says where.</exception>
    public static void Check(Expert expert, TransformerConfig config, string baseHash)
    {
        if (expert.Provenance.BaseHash != baseHash)
        {
            throw new ExpertMismatchException(
                $"Expert '{expert.Name}' was trained on base model {expert.Provenance.BaseHash}, "
                + $"this one is {baseHash}; use an expert of this base.");
        }

        var seen = new HashSet<(int, TargetModule)>();
        foreach (var factor in expert.Factors)
        {
            var place = $"Expert '{expert.Name}', layer {factor.Layer}, {factor.Module}";
            if (factor.Layer < 0 || factor.Layer >= config.LayerCount)
                throw new ExpertMismatchException($"{place}: the model has {config.LayerCount} layers.");
            if (!seen.Add((factor.Layer, factor.Module)))
                throw new ExpertMismatchException($"{place}: the factors are there twice.");
            var (outputs, inputs) = config.Shape(factor.Module);
            if (factor.Outputs != outputs || factor.Inputs != inputs)
            {
                throw new ExpertMismatchException(
                    $"{place}: the delta is {factor.Outputs} × {factor.Inputs}, "
                    + $"the model's matrix {outputs} × {inputs}.");
            }

            if (factor.Rank < 1 || factor.A.Length != factor.Rank * inputs || factor.B.Length != outputs * factor.Rank)
                throw new ExpertMismatchException($"{place}: the factors are not of rank {factor.Rank}.");
        }
    }
}
