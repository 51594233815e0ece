namespace SoupsActors.Simulation.Study;

/// <summary>One run of a study.</summary>
/// <param name="Part">The part of the study it belongs to.</param>
/// <param name="Policy">How generators are chosen.</param>
/// <param name="Value">What the part varies.</param>
/// <param name="Options">The cluster.</param>
/// <param name="Result">What was found.</param>
public sealed record SimulationRun(
    string Part, ChoicePolicy Policy, double Value, SimulationOptions Options, SimulationResult Result);

/// <summary>How far a study has come.</summary>
/// <param name="Part">The part under way.</param>
/// <param name="Done">Of all its runs, 0 to 1.</param>
/// <param name="Note">The run under way.</param>
public readonly record struct StudyProgress(string Part, double Done, string Note);
