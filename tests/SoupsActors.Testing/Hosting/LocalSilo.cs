using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SoupsActors.Testing.Hosting;

/// <summary>Settings of a server that shares this machine with others.</summary>
public static class LocalSilo
{
    /// <summary>
    /// A port of its own for the silo and none for clients, so that servers of tests that run at once do not meet. The
    /// in-process host takes neither.
    /// </summary>
    public static string[] Ports() =>
    [
        string.Create(CultureInfo.InvariantCulture, $"--Soups:Cluster:SiloPort={FreePort()}"),
        "--Soups:Cluster:GatewayPort=0",
    ];

    /// <summary>A port of the loopback address that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
