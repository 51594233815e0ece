using System.CommandLine;
using Spectre.Console;

namespace SoupsActors.Cli.Output;

/// <summary>A question before something that cannot be taken back.</summary>
internal static class Confirmation
{
    /// <summary>The option that answers it beforehand.</summary>
    public static Option<bool> Yes() => new("--yes") { Description = "Do not ask." };

    /// <summary>Whether it is to be done: said so before, or answered with yes now.</summary>
    /// <exception cref="InvalidOperationException">Nobody is there to ask.</exception>
    public static Task<bool> AskAsync(IAnsiConsole console, string question, bool yes, CancellationToken cancellation)
    {
        if (yes)
            return Task.FromResult(true);
        return console.Profile.Capabilities.Interactive
            ? new ConfirmationPrompt(Markup.Escape(question)) { DefaultValue = false }.ShowAsync(console, cancellation)
            : throw new InvalidOperationException($"{question} Nobody can be asked here; add --yes.");
    }
}
