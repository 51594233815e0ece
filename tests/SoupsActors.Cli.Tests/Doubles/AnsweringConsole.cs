using Spectre.Console;
using Spectre.Console.Rendering;

namespace SoupsActors.Cli.Tests.Doubles;

/// <summary>A console with somebody in front of it, who types given keys.</summary>
internal sealed class AnsweringConsole : IAnsiConsole, IAnsiConsoleInput
{
    private readonly IAnsiConsole console;
    private readonly Queue<char> keys;

    public AnsweringConsole(IAnsiConsole console, string keys)
    {
        this.console = console;
        this.keys = new Queue<char>(keys);
        console.Profile.Capabilities.Interactive = true;
    }

    public Profile Profile => console.Profile;

    public IAnsiConsoleCursor Cursor => console.Cursor;

    public IAnsiConsoleInput Input => this;

    public IExclusivityMode ExclusivityMode => console.ExclusivityMode;

    public RenderPipeline Pipeline => console.Pipeline;

    public void Clear(bool home) => console.Clear(home);

    public void Write(IRenderable renderable) => console.Write(renderable);

    public bool IsKeyAvailable() => keys.Count > 0;

    public ConsoleKeyInfo? ReadKey(bool intercept)
    {
        var key = keys.Dequeue();
        return new ConsoleKeyInfo(
            key, key == '\n' ? ConsoleKey.Enter : ConsoleKey.None, shift: false, alt: false, control: false);
    }

    public Task<ConsoleKeyInfo?> ReadKeyAsync(bool intercept, CancellationToken cancellationToken) =>
        Task.FromResult(ReadKey(intercept));
}
