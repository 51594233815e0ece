using System.Collections.Frozen;
using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Orleans.Serialization;
using SoupsActors.Actors.Copying;

namespace SoupsActors.Actors.Tests.Host;

public sealed class CopierTests
{
    public enum Colour
    {
        Red,
        Green,
    }

    [Fact]
    public void Copies_are_equal_and_share_nothing_that_can_change() =>
        Prop.ForAll(Trees(4).ToArbitrary(), tree =>
        {
            var copy = Copier<Branch>.Copy(tree);
            Assert.Equal(Text(tree), Text(copy));
            Assert.Empty(Changeable(tree).Intersect(Changeable(copy), ReferenceEqualityComparer.Instance));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Shared_objects_stay_shared_and_cycles_stay_cycles()
    {
        var leaf = new Branch { Name = "leaf" };
        var root = new Branch { Name = "root", Children = [leaf, leaf] };
        leaf.Parent = root;
        var copy = Copier<Branch>.Copy(root);
        Assert.NotSame(root, copy);
        Assert.Same(copy.Children[0], copy.Children[1]);
        Assert.Same(copy, copy.Children[0].Parent);
        Assert.NotSame(leaf, copy.Children[0]);
    }

    [Fact]
    public void More_objects_than_fit_the_short_list_are_remembered_too()
    {
        var all = Enumerable.Range(0, 100).Select(i => new Branch { Name = $"{i}" }).ToArray();
        var copies = Copier<Branch[]>.Copy([.. all, .. all]);
        Assert.Equal(100, copies.Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.Same(copies[0], copies[100]);
        Assert.Same(copies[99], copies[199]);
    }

    [Fact]
    public void Members_keep_their_run_time_type()
    {
        var copy = Copier<object[]>.Copy(
            [new Special { Name = "s", Extra = [1] }, 5, "text", Colour.Green, new List<int> { 1 }]);
        Assert.Equal([1], Assert.IsType<Special>(copy[0]).Extra);
        Assert.Equal(5, copy[1]);
        Assert.Equal("text", copy[2]);
        Assert.Equal(Colour.Green, copy[3]);
        Assert.IsType<List<int>>(copy[4]);
    }

    public static TheoryData<object> Collections() =>
    [
        new[] { 1, 2 }, new[] { new[] { "a" }, [] },
        new List<string> { "a" }, new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "a" },
        new Dictionary<string, List<int>>(StringComparer.OrdinalIgnoreCase) { ["a"] = [1] },
        new SortedDictionary<int, int> { [2] = 1, [1] = 2 }, new SortedSet<int> { 2, 1 }, new SortedList<int,
        int> { [1] = 2 },
        new Queue<int>([1, 2]), new Stack<int>([1, 2]), new LinkedList<int>([1, 2]),
        new System.Collections.Concurrent.ConcurrentDictionary<int, int> { [1] = 2 },
        new System.Collections.ObjectModel.Collection<int> { 1 }, new System.Collections.ObjectModel
            .ReadOnlyCollection<int>([1]),
        ImmutableArray.Create(new List<int> { 1 }), ImmutableList.Create(new List<int> { 1 }),
        ImmutableDictionary<string, List<int>>.Empty.Add("a", [1]),
        (new List<int> { 1 }, "b"), Tuple.Create(new List<int> { 1 }), KeyValuePair.Create("a", new List<int> { 1 }),
    ];

    [Theory]
    [MemberData(nameof(Collections), DisableDiscoveryEnumeration = true)]
    public void Collections_are_copied_with_their_elements(object value)
    {
        var copy = Copier<object>.Copy(value);
        Assert.IsType(value.GetType(), copy);
        Assert.Equal(Text(value), Text(copy));
        Assert.Empty(Changeable(value).Intersect(Changeable(copy), ReferenceEqualityComparer.Instance));
    }

    [Fact]
    public void Comparers_travel_with_their_collections()
    {
        Assert.False(Copier<HashSet<string>>.Copy(new(StringComparer.OrdinalIgnoreCase) { "a" }).Add("A"));
        Assert.True(
            Copier<Dictionary<string, int>>.Copy(new(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 }).ContainsKey("A"));
    }

    [Fact]
    public void A_collection_expression_travels_as_an_array()
    {
        IReadOnlyList<List<int>> list = [[1], [2, 3]];
        var copy = Copier<IReadOnlyList<List<int>>>.Copy(list);
        Assert.Equal([[1], [2, 3]], copy);
        Assert.NotSame(list[0], copy[0]);
    }

    [Fact]
    public void Rectangular_arrays_of_unchangeable_elements_are_copied()
    {
        var original = new[,] { { 1, 2 }, { 3, 4 } };
        var copy = Copier<int[,]>.Copy(original);
        original[1, 1] = 9;
        Assert.Equal(new[,] { { 1, 2 }, { 3, 4 } }, copy);
        Assert.Throws<CodecNotFoundException>(() => Copier<List<int>[,]>.Copy(new List<int>[1, 1]));
    }

    [Fact]
    public void Memory_is_copied()
    {
        var bytes = new byte[] { 1, 2, 3 };
        var copy = Copier<ReadOnlyMemory<byte>>.Copy(bytes.AsMemory(1));
        bytes[1] = 9;
        Assert.Equal([2, 3], copy.ToArray());
    }

    [Theory]
    [InlineData(typeof(int))]
    [InlineData(typeof(string))]
    [InlineData(typeof(Guid?))]
    [InlineData(typeof(DateTimeOffset))]
    [InlineData(typeof(Colour))]
    [InlineData(typeof((int, string)))]
    [InlineData(typeof(ImmutableArray<string>))]
    [InlineData(typeof(FrozenDictionary<string, int>))]
    [InlineData(typeof(Point))]
    [InlineData(typeof(Chain))]
    [InlineData(typeof(Promise))]
    public void What_cannot_change_is_shared(Type type) => Assert.True(CopyRules.MayBeShared(type));

    [Theory]
    [InlineData(typeof(int[]))]
    [InlineData(typeof(List<int>))]
    [InlineData(typeof(object))]
    [InlineData(typeof(IReadOnlyList<string>))]
    [InlineData(typeof(Branch))]
    [InlineData(typeof(PointWithList))]
    [InlineData(typeof(ImmutableArray<List<int>>))]
    public void What_can_change_is_not_shared(Type type) => Assert.False(CopyRules.MayBeShared(type));

    [Fact]
    public void Records_travel_by_their_constructor_parameters()
    {
        var original = new PointWithList(1, [2]);
        var copy = Copier<PointWithList>.Copy(original);
        Assert.Equal(1, copy.X);
        Assert.Equal([2], copy.Values);
        Assert.NotSame(original.Values, copy.Values);
    }

    [Fact]
    public void What_does_not_travel_is_as_in_a_new_object()
    {
        var copy = Copier<WithCache>.Copy(new WithCache { Value = 3, Cache = ["old"] });
        Assert.Equal(3, copy.Value);
        Assert.Equal(["fresh"], copy.Cache);
    }

    [Theory]
    [InlineData(typeof(Unmarked), "[GenerateSerializer]")]
    [InlineData(typeof(Forgotten), "[Id(n)]")]
    [InlineData(typeof(OfUnmarkedBase), "base class")]
    public void What_cannot_travel_is_refused_with_the_remedy(Type type, string remedy)
    {
        var error = Assert.Throws<CodecNotFoundException>(() => Copier<object>.Copy(Activator.CreateInstance(type)!));
        Assert.Contains(remedy, error.Message, StringComparison.Ordinal);
        Assert.Contains(type.Name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Functions_and_tasks_are_refused()
    {
        Assert.Throws<CodecNotFoundException>(() => Copier<object>.Copy((Action)(() => { })));
        Assert.Throws<CodecNotFoundException>(() => Copier<object>.Copy(Task.CompletedTask));
    }

    [Fact]
    public void A_structure_too_deep_is_an_error_and_not_the_end_of_the_process()
    {
        var root = new Branch();
        for (var i = 0; i < 1_000_000; i++)
            root = new Branch { Parent = root };
        Assert.Throws<InsufficientExecutionStackException>(() => Copier<Branch>.Copy(root));
        Assert.NotNull(Copier<Branch>.Copy(new Branch()));
    }

    private static Gen<Branch> Trees(int depth) =>
        from name in Gen.Elements("a", "b", null!)
        from special in Gen.Elements(true, false)
        from count in Gen.Choose(0, depth == 0 ? 0 : 3)
        from children in depth == 0 ? Gen.Constant<List<Branch>>([]) : Trees(depth - 1).ListOf(count)
        from colour in Gen.Elements<Colour?>(Colour.Red, Colour.Green, null)
        from words in Gen.Elements("x", "y").ArrayOf()
        select Make(special, name, [.. children], colour, words);

    private static Branch Make(bool special, string name, List<Branch> children, Colour? colour, string[] words)
    {
        var branch = special ? new Special { Extra = [words.Length] } : new Branch();
        branch.Name = name;
        branch.Children = children;
        branch.Colour = colour;
        branch.Words = words;
        branch.ByName = children.Where(child => child.Name is not null).GroupBy(child => child.Name)
            .ToDictionary(group => group.Key, group => group.First());
        return branch;
    }

    private static string Text(object value) => System.Text.Json.JsonSerializer.Serialize(value);

    /// <summary>All arrays, collections and branches that can be reached.</summary>
    private static HashSet<object> Changeable(object? value)
    {
        var found = new HashSet<object>(ReferenceEqualityComparer.Instance);
        Visit(value);
        return found;

        void Visit(object? current)
        {
            if (current is null or string || current.GetType().IsPrimitive || current.GetType().IsEnum)
                return;
            if (!current.GetType().IsValueType && current is not IEqualityComparer<string> && !found.Add(current))
                return;
            if (current is System.Collections.IEnumerable items)
            {
                foreach (var item in items)
                    Visit(item);
                return;
            }

            foreach (var field in CopyRules.Fields(current.GetType()))
                Visit(field.GetValue(current));
        }
    }

    [GenerateSerializer]
    public class Branch
    {
        [Id(0)]
        public string Name { get; set; } = "";

        [Id(1)]
        public List<Branch> Children { get; set; } = [];

        [Id(2)]
        public Dictionary<string, Branch> ByName { get; set; } = [];

        [Id(3)]
        public Colour? Colour { get; set; }

        [Id(4)]
        public string[] Words { get; set; } = [];

        [Id(5)]
        [System.Text.Json.Serialization.JsonIgnore]
        public Branch? Parent { get; set; }
    }

    [GenerateSerializer]
    public sealed class Special : Branch
    {
        [Id(0)]
        public List<int> Extra { get; set; } = [];
    }

    [GenerateSerializer]
    public readonly record struct Point(int X, int Y);

    [GenerateSerializer]
    public sealed record Chain([property: Id(0)] int Value, [property: Id(1)] Chain? Next);

    [GenerateSerializer]
    public sealed record PointWithList(int X, List<int> Values);

    [Immutable]
    public sealed class Promise
    {
        public List<int> NeverChanged { get; } = [];
    }

    [GenerateSerializer]
    public sealed class WithCache
    {
        [NonSerialized]
        private List<string> cache = ["fresh"];

        [Id(0)]
        public int Value { get; set; }

        public List<string> Cache
        {
            get => cache;
            set => cache = value;
        }
    }

    public sealed class Unmarked;

    [GenerateSerializer]
    public sealed class Forgotten
    {
        [Id(0)]
        public int Kept { get; set; }

        public int Lost { get; set; }
    }

    public class UnmarkedBase
    {
        public int Value { get; set; }
    }

    [GenerateSerializer]
    public sealed class OfUnmarkedBase : UnmarkedBase;
}
