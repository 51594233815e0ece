using System.CommandLine;
using Microsoft.Extensions.Options;
using SoupsActors.Cli.Commands;
using SoupsActors.Cli.Output;
using SoupsActors.Client;
using Spectre.Console;

namespace SoupsActors.Cli;

/// <summary>The <c>soups</c> tool: its commands, and what its exit codes mean.</summary>
internal static class SoupsTool
{
    /// <summary>Everything went well.</summary>
    public const int Success = 0;

    /// <summary>The silo refused, or the work failed; the message says why.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>No silo answers.</summary>
    public const int Unreachable = 3;

    /// <summary>Stopped by the user.</summary>
    public const int Cancelled = 130;

    /// <summary>Runs one command line.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="console">Standard output: results.</param>
    /// <param name="errors">Standard error: what is wrong, and what to do.</param>
    /// <param name="cancellation">Stops the command.</param>
    public static async Task<int> RunAsync(
        string[] args, IAnsiConsole console, IAnsiConsole errors, CancellationToken cancellation = default)
    {
        var root = Create(console, errors);
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                errors.Error(error.Message);
            errors.WriteLine($"Try: {string.Join(' ', ["soups", .. parsed.CommandResult.Path(), "--help"])}");
            return Usage;
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false }, cancellation);
        }
        catch (SoupsApiException e) when (e.Code == "no_connection")
        {
            errors.Error(e.Message);
            return Unreachable;
        }
        catch (SoupsApiException e) when (e.Code == "no_answer")
        {
            errors.Error($"{e.Message} --timeout says how long to wait.");
            return Unreachable;
        }
        catch (OptionsValidationException e)
        {
            errors.Error(e.Message);
            return Usage;
        }
        catch (OperationCanceledException)
        {
            errors.Error("Stopped.");
            return Cancelled;
        }
        catch (Exception e) when (e is SoupsApiException or InvalidOperationException or IOException or ArgumentException
            or UnauthorizedAccessException or InvalidDataException or HttpRequestException or NotSupportedException
            or Models.Files.ModelFormatException or Tensors.DivergedException)
        {
            errors.Error(e.Message);
            return Failure;
        }
    }

    public static RootCommand Create(IAnsiConsole console, IAnsiConsole errors) =>
        new("Talk to a soup of experts, look after users and experts, measure, and build the miniature.\n\n" +
            "Exit codes: 0 done, 1 refused or failed, 2 wrong command line, 3 no silo answers, 130 stopped.")
        {
            ChatCommand.Create(console, errors),
            ProfileCommand.Create(console),
            ExpertsCommand.Create(console),
            TrainCommand.Create(console),
            ModelsCommand.Create(console),
            FeedbackCommand.Create(console),
            MergeCommand.Create(console),
            LearnCommand.Create(console),
            DoctorCommand.Create(console),
            BenchCommand.Create(console),
            MiniatureCommand.Create(console),
            ExperimentCommand.Create(console),
            SimulateCommand.Create(console),
        };

    private static Stack<string> Path(this System.CommandLine.Parsing.CommandResult result)
    {
        var names = new Stack<string>();
        for (System.CommandLine.Parsing.SymbolResult? at = result; at is not null; at = at.Parent)
        {
            if (at is System.CommandLine.Parsing.CommandResult { Command: not RootCommand } command)
                names.Push(command.Command.Name);
        }

        return names;
    }
}
