using System.Net;
using System.Text;
using SoupsActors.Testing.Hosting;

namespace SoupsActors.Cli.Tests.Doubles;

/// <summary>A server that gives every request the same answer and keeps what was asked.</summary>
internal sealed class StubSilo : IDisposable
{
    private readonly HttpListener listener;
    private readonly byte[] answer;

    private StubSilo(HttpListener listener, string url, string answer)
    {
        this.listener = listener;
        Url = url;
        this.answer = Encoding.UTF8.GetBytes(answer);
        _ = ServeAsync();
    }

    public string Url { get; }

    public List<(string Method, string Path, string Body)> Requests { get; } = [];

    public static StubSilo Start(string answer)
    {
        for (var attempt = 1; ; attempt++)
        {
            var server = new HttpListener();
            var url = $"http://127.0.0.1:{LocalSilo.FreePort()}/";
            server.Prefixes.Add(url);
            try
            {
                server.Start();
                return new StubSilo(server, url, answer);
            }
            catch (HttpListenerException) when (attempt < 10)
            {
                // Somebody else took the port in between.
            }
        }
    }

    public void Dispose() => listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await listener.GetContextAsync();
                using var body = new StreamReader(context.Request.InputStream);
                Requests.Add((context.Request.HttpMethod, context.Request.RawUrl!, await body.ReadToEndAsync()));
                context.Response.ContentType = "application/json";
                await context.Response.OutputStream.WriteAsync(answer);
                context.Response.Close();
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
