using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Cli.Feedback;
using SoupsActors.Cli.Output;
using SoupsActors.Client;
using SoupsActors.Feedback;
using SoupsActors.Learning.Data.Datasets;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups feedback send|import|export|stats</c>.</summary>
internal static class FeedbackCommand
{
    public static Command Create(IAnsiConsole console) =>
        new("feedback", "Say what answers are worth, and carry such judgements in and out.")
        {
            FeedbackSend.Create(console),
            Import(console),
            Export(console),
            Stats(console),
        };

    private static Command Import(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var files = new Argument<FileInfo[]>("files")
        {
            Description = "JSON Lines or JSON lists, also gzipped (.gz).",
            Arity = ArgumentArity.OneOrMore,
        };
        var user = new Option<string>("--user")
        {
            Description = "Whose opinion rows are that name nobody.",
            DefaultValueFactory = _ => "import",
        };
        var preference = new Option<string?>("--preference") { Description = "Preference of rows that name none, such as P1A." };
        var format = new Option<DatasetFormat>("--format")
        {
            Description = "Auto (each row by its fields), HuggingFace, UltraFeedback, OpenAssistant, HhRlhf, PersonalizedSoups.",
        };
        var aspect = new Option<string?>("--aspect")
        {
            Description = "Keep this aspect of rated answers only, such as helpfulness, or overall; all by default.",
        };
        var dry = new Option<bool>("--dry-run") { Description = "Read and count, send nothing." };
        var json = SiloOptions.Json();
        var command = new Command(
            "import", "Send a data set as feedback. Rows that are there already are not stored again; bad rows are listed.")
        {
            files, user, preference, format, aspect, dry, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var services = silo.Connect(parsed);
            var import = new FeedbackImport(
                parsed.GetValue(dry) ? null : services.GetRequiredService<SoupsClient>(),
                parsed.GetRequiredValue(user),
                new DatasetOptions
                {
                    Format = parsed.GetValue(format),
                    Preference = parsed.GetValue(preference),
                    PreferenceBySentence = Miniature.Preferences.All.ToDictionary(p => p.Prompt, p => p.Id),
                    Aspect = parsed.GetValue(aspect),
                });
            var results = new List<FeedbackImportResult>();
            foreach (var file in parsed.GetRequiredValue(files))
            {
                results.Add(await ImportDisplay.RunAsync(
                    console, file, parsed.GetValue(json), progress => import.RunAsync(file, progress, cancellation)));
            }

            return results.TrueForAll(r => r.Usable == 0) ? SoupsTool.Failure : SoupsTool.Success;
        });
        return silo.AddTo(command);
    }

    private static Command Export(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var output = new Option<FileInfo?>("--out") { Description = "File to write; standard output by default." };
        var format = new Option<string>("--format")
        {
            Description = "events (as stored), pairs (prompt, chosen, rejected), labels (prompt, completion, label) or "
                + "segments (prompt, completion, start and length in UTF-16 code units, segment, label, value).",
            DefaultValueFactory = _ => "events",
        };
        format.AcceptOnlyFromAmong("events", "pairs", "labels", "segments");
        var user = new Option<string?>("--user") { Description = "Only this user's events." };
        var preference = new Option<string?>("--preference") { Description = "Only about this preference." };
        var kind = new Option<string?>("--kind") { Description = "Only events of this kind, such as pair." };
        var after = new Option<long>("--after") { Description = "Only events with a higher position." };
        var command = new Command("export", "Write feedback as JSON Lines.") { output, format, user, preference, kind, after };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var services = silo.Connect(parsed);
            await using var lines = await services.GetRequiredService<SoupsClient>().OpenFeedbackAsync(
                parsed.GetRequiredValue(format),
                new FeedbackFilter
                {
                    User = parsed.GetValue(user),
                    Preference = parsed.GetValue(preference),
                    Kind = parsed.GetValue(kind),
                },
                parsed.GetValue(after),
                cancellation);
            if (parsed.GetValue(output) is not { } file)
            {
                using var reader = new StreamReader(lines);
                while (await reader.ReadLineAsync(cancellation) is { } line)
                    console.Raw(line + "\n");
                return SoupsTool.Success;
            }

            // A file that is there is a whole one.
            var part = file.FullName + ".part";
            await using (var target = File.Create(part))
                await lines.CopyToAsync(target, cancellation);
            File.Move(part, file.FullName, overwrite: true);
            console.WriteLine($"Wrote {file.FullName} ({new FileInfo(file.FullName).Length:N0} bytes).");
            return SoupsTool.Success;
        });
        return silo.AddTo(command);
    }

    private static Command Stats(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var json = SiloOptions.Json();
        var command = new Command("stats", "Count events by preference and kind, and the comparisons they make.") { json };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var services = silo.Connect(parsed);
            var counts = await services.GetRequiredService<SoupsClient>().CountFeedbackAsync(cancellation);
            if (parsed.GetValue(json))
            {
                console.Json(counts);
                return SoupsTool.Success;
            }

            if (counts.Count == 0)
            {
                console.WriteLine("No feedback yet. Send some: soups feedback send USER --interaction ID --reaction up");
                return SoupsTool.Success;
            }

            var table = ConsoleOutput.NewTable("Preference", "Kind", "Events", "Comparisons", "Last position");
            foreach (var c in counts)
                table.Line(c.Preference ?? "(none)", c.Kind, Text(c.Events), Text(c.Comparisons), Text(c.Last));
            console.Write(table);
            return SoupsTool.Success;
        });
        return silo.AddTo(command);

        static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
    }
}
