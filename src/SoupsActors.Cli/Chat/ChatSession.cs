using Microsoft.Extensions.AI;
using SoupsActors.Cli.Commands;
using SoupsActors.Cli.Output;
using SoupsActors.Client;
using Spectre.Console;

namespace SoupsActors.Cli.Chat;

/// <summary>A conversation in the terminal: streams answers, shows the mix in force and changes it between answers.</summary>
internal sealed class ChatSession(
    SoupsChatClient chat, SoupsClient client, IAnsiConsole console, IAnsiConsole errors)
{
    private const string Help =
        """
        /mix               show the mix in force
        /set P1A=1 P2B=0.5 change weights for the next answers (0 takes one out)
        /save              make the mix in force the user's profile
        /profile           go back to the user's stored mix
        /model NAME        soup, base, or an expert's id
        /user NAME         whose profile answers
        /preferences       what can be mixed
        /new               forget the conversation so far
        /quit              leave (or Ctrl+D)
        """;

    private readonly List<ChatMessage> history = [];

    public string? User { get; set; }

    /// <summary>Weights for this chat; null means the profile's.</summary>
    public Dictionary<string, double>? Mix { get; set; }

    public string Model { get; set; } = "soup";

    public long? Seed { get; init; }

    public float? Temperature { get; init; }

    /// <summary>Reads questions and commands until the end of input.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        await ShowMixAsync(cancellation);
        console.MarkupLine("[grey]/help lists the commands, /quit leaves.[/]");
        while (true)
        {
            console.Raw("> ");
            var line = await Console.In.ReadLineAsync(cancellation);
            if (line is null or "/quit" or "/exit")
                return SoupsTool.Success;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            try
            {
                if (line[0] == '/')
                    await CommandAsync(line, cancellation);
                else
                    await AnswerAsync(line, cancellation);
            }
            catch (Exception e) when (e is SoupsApiException { Code: not "no_connection" } or ArgumentException)
            {
                errors.Error(e.Message);
            }
        }
    }

    /// <summary>Answers one question in the style in force, streamed.</summary>
    public async Task<int> AskOnceAsync(string question, CancellationToken cancellation)
    {
        await AnswerAsync(question, cancellation);
        return SoupsTool.Success;
    }

    /// <summary>Answers one question in one piece.</summary>
    public Task<ChatResponse> AskAsync(string question, CancellationToken cancellation) =>
        chat.GetResponseAsync([.. history, new ChatMessage(ChatRole.User, question)], Options(), cancellation);

    private async Task AnswerAsync(string question, CancellationToken cancellation)
    {
        var message = new ChatMessage(ChatRole.User, question);
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in chat.GetStreamingResponseAsync([.. history, message], Options(), cancellation))
        {
            console.Raw(update.Text);
            updates.Add(update);
        }

        console.WriteLine();
        history.Add(message);
        history.AddRange(updates.ToChatResponse().Messages);
    }

    private async Task CommandAsync(string line, CancellationToken cancellation)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (words[0])
        {
            case "/help":
                console.WriteLine(Help);
                break;
            case "/mix":
                await ShowMixAsync(cancellation);
                break;
            case "/set":
                var mix = new Dictionary<string, double>(Mix ?? await StoredMixAsync(cancellation));
                foreach (var (name, weight) in MixText.Parse(words[1..]))
                    mix[name] = weight;
                Mix = mix.Where(m => m.Value != 0).ToDictionary();
                await ShowMixAsync(cancellation);
                break;
            case "/save":
                await SaveAsync(cancellation);
                break;
            case "/profile":
                Mix = null;
                await ShowMixAsync(cancellation);
                break;
            case "/model" when words.Length == 2:
                Model = words[1];
                break;
            case "/user" when words.Length == 2:
                User = words[1];
                Mix = null;
                history.Clear();
                await ShowMixAsync(cancellation);
                break;
            case "/preferences":
                foreach (var p in await client.ListPreferencesAsync(cancellation))
                    console.MarkupLineInterpolated($"{p.Id,-4} {p.Dimension}: {p.Pole}{(p.Available ? "" : " (no expert)")}");
                break;
            case "/new":
                history.Clear();
                break;
            default:
                errors.Error($"'{line}' is no command; /help lists them.");
                break;
        }
    }

    private async Task SaveAsync(CancellationToken cancellation)
    {
        if (User is null || Mix is null)
        {
            errors.Error(User is null ? "Name a user first: /user NAME" : "The mix in force is the stored one already.");
            return;
        }

        var now = await client.GetProfileAsync(User, cancellation);
        await client.SetProfileAsync(User, now.Profile with { Mix = Mix }, now.ETag, null, cancellation);
        console.MarkupLineInterpolated($"[grey]{User} now has {MixText.Format(Mix)}[/]");
    }

    private async Task ShowMixAsync(CancellationToken cancellation)
    {
        var whose = Mix is not null ? "this chat" : User ?? "nobody";
        console.MarkupLineInterpolated(
            $"[grey]{Model} for {whose}: {MixText.Format(Mix ?? await StoredMixAsync(cancellation))}[/]");
    }

    private async Task<Dictionary<string, double>> StoredMixAsync(CancellationToken cancellation) =>
        User is null ? [] : (await client.GetProfileAsync(User, cancellation)).Profile.Mix;

    private ChatOptions Options()
    {
        var options = new ChatOptions { ModelId = Model, Seed = Seed, Temperature = Temperature };
        if (User is not null)
            options.WithUser(User);
        if (Mix is not null)
            options.WithMix(Mix);
        return options;
    }
}
