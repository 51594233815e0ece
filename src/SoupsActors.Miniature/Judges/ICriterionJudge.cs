using SoupsActors.Learning.Judging;

namespace SoupsActors.Miniature.Judges;

/// <summary>
/// Judges answers by the preferences of one dimension, by rules alone: deterministic, no model, no state. The text of
/// the prompt is not looked at today; it is part of the contract because a judge may need it.
/// </summary>
public interface ICriterionJudge
{
    /// <summary>The dimension whose preferences this judge knows.</summary>
    PreferenceDimension Dimension { get; }

    /// <summary>The least difference of scores that <see cref="Compare"/> counts as one.</summary>
    double TieMargin { get; }

    /// <summary>How clearly an answer meets a criterion; higher is more, the scale is the judge's own.</summary>
    /// <exception cref="ArgumentException">The preference is not one of this dimension.</exception>
    double Score(string preferenceId, string prompt, string answer);

    /// <summary>Whether an answer meets a criterion. An answer may meet no pole of a dimension, never two.</summary>
    /// <exception cref="ArgumentException">The preference is not one of this dimension.</exception>
    bool Satisfies(string preferenceId, string answer);

    /// <summary>Which of two answers meets a criterion more clearly.</summary>
    /// <exception cref="ArgumentException">The preference is not one of this dimension.</exception>
    Judgement Compare(string preferenceId, string answerA, string answerB)
    {
        var difference = Score(preferenceId, "", answerA) - Score(preferenceId, "", answerB);
        return Math.Abs(difference) < TieMargin ? Judgement.Tie : (Judgement)Math.Sign(difference);
    }
}
