using System.Text.RegularExpressions;

namespace SoupsActors.Deploy.Tests;

/// <summary>
/// Says what a YAML tree may look like, itself in YAML: a map lists the keys there may be, those with <c>!</c> must be,
/// and <c>*</c> stands for any key; a list holds the shape of its items; a text is
/// <c>text</c>, <c>whole</c>, <c>bool</c>, <c>any</c>, <c>$name</c> for another shape of the file, or the values there may be,
/// with bars between them.
/// </summary>
internal sealed partial class Shape
{
    private readonly IDictionary<object, object> shapes;

    private Shape(IDictionary<object, object> shapes) => this.shapes = shapes;

    public static Shape Read(string resource)
    {
        using var stream = typeof(Shape).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        return new Shape((IDictionary<object, object>)Assert.Single(DeployFolder.Documents(reader.ReadToEnd())));
    }

    /// <summary>What is wrong with a tree, each with its place.</summary>
    public IEnumerable<string> Problems(string name, object? tree) => Problems(shapes[name], tree, name);

    private IEnumerable<string> Problems(object shape, object? tree, string place) => shape switch
    {
        IDictionary<object, object> map => tree is IDictionary<object, object> fields
            ? OfMap(map, fields, place)
            : [$"{place} is no map"],
        IList<object> list => tree is IList<object> items
            ? items.SelectMany((item, i) => Problems(list[0], item, $"{place}[{i}]"))
            : [$"{place} is no list"],
        string text when text.StartsWith('$') => Problems(shapes[text[1..]], tree, place),
        string text => Fits(text, tree) ? [] : [$"{place} is '{tree}', which is not {text}"],
        _ => throw new InvalidOperationException($"The shape of {place} cannot be read."),
    };

    private IEnumerable<string> OfMap(
        IDictionary<object, object> map, IDictionary<object, object> fields, string place)
    {
        foreach (var (key, shape) in map)
        {
            var name = ((string)key).TrimEnd('!');
            if (fields.TryGetValue(name, out var value))
            {
                foreach (var problem in Problems(shape, value, $"{place}/{name}"))
                    yield return problem;
            }
            else if (name != (string)key)
            {
                yield return $"{place}/{name} is missing";
            }
        }

        foreach (var key in fields.Keys.Where(key => !map.ContainsKey(key) && !map.ContainsKey($"{key}!")))
        {
            if (!map.TryGetValue("*", out var any))
                yield return $"{place}/{key} is not known";
            else
            {
                foreach (var problem in Problems(any, fields[key], $"{place}/{key}"))
                    yield return problem;
            }
        }
    }

    private static bool Fits(string shape, object? value) => shape switch
    {
        "any" => true,
        "text" => value is string,
        "whole" => value is string text && Whole().IsMatch(text),
        "bool" => value is "true" or "false",
        _ => value is string text && shape.Split('|').Contains(text),
    };

    [GeneratedRegex("^[0-9]+$")]
    private static partial Regex Whole();
}
