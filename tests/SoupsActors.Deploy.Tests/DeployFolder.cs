using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace SoupsActors.Deploy.Tests;

/// <summary>The files of <c>deploy/</c> as trees of maps, lists and texts.</summary>
internal static class DeployFolder
{
    public static string Root { get; } = Path.Combine(AppContext.BaseDirectory, "deploy");

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static object Yaml(string path) => Assert.Single(Documents(Text(path)));

    /// <summary>All objects of the Kubernetes base, with the file they stand in.</summary>
    public static IReadOnlyList<(string File, object Manifest)> Manifests { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "kubernetes", "base"), "*.yaml").Order()
            .Where(file => Path.GetFileName(file) != "kustomization.yaml")
            .SelectMany(file => Documents(File.ReadAllText(file)).Select(m => (Path.GetFileName(file), m))),
    ];

    /// <summary>The stateful sets and deployments among them.</summary>
    public static IEnumerable<object> Workloads =>
        Manifests.Select(m => m.Manifest).Where(m => At<string>(m, "kind") is "Deployment" or "StatefulSet");

    /// <summary>Every document of a YAML text; keys that are there twice are an error.</summary>
    public static IReadOnlyList<object> Documents(string yaml)
    {
        var parser = new MergingParser(new Parser(new StringReader(yaml)));
        var reader = new DeserializerBuilder().WithDuplicateKeyChecking().Build();
        var documents = new List<object>();
        parser.Consume<StreamStart>();
        while (!parser.Accept<StreamEnd>(out _))
        {
            if (reader.Deserialize<object?>(parser) is { } document)
                documents.Add(document);
        }

        return documents;
    }

    /// <summary>What stands at a path such as <c>spec/template/spec/containers/0</c>; fails where nothing does.</summary>
    public static T At<T>(object tree, string path) => Assert.IsAssignableFrom<T>(Find(tree, path));

    /// <summary>The same, or null.</summary>
    public static object? Find(object? tree, string path)
    {
        foreach (var step in path.Split('/'))
        {
            tree = tree switch
            {
                IDictionary<object, object> map => map.TryGetValue(step, out var value) ? value : null,
                IList<object> list when int.TryParse(step, out var index) && index < list.Count => list[index],
                _ => null,
            };
        }

        return tree;
    }

    public static IEnumerable<KeyValuePair<string, object>> Entries(object? map) =>
        map is IDictionary<object, object> entries
            ? entries.Select(e => KeyValuePair.Create((string)e.Key, e.Value))
            : [];
}
