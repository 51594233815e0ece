namespace SoupsActors.Tensors.Cpu;

/// <content>The optimiser's step.</content>
internal sealed unsafe partial class CpuBackend<V>
{
    public override void AdamW(Block w, Block g, Block m, Block v, in AdamWStep step)
    {
        Arguments.Same(g, w);
        Arguments.Same(m, w);
        Arguments.Same(v, w);
        ArgumentOutOfRangeException.ThrowIfLessThan(step.Step, 1);
        var work = new AdamWRows
        {
            W = Resolve(w),
            G = Resolve(g),
            M = Resolve(m),
            V2 = Resolve(v),
            Step = step,
            FirstBias = (float)(1 / (1 - Math.Pow(step.Beta1, step.Step))),
            SecondBias = (float)(1 / (1 - Math.Pow(step.Beta2, step.Step))),
        };
        if (w.IsContiguous && g.IsContiguous && m.IsContiguous && v.IsContiguous)
            work.Flatten();
        ForRows(work, work.Parts, work.Length);
    }

    private struct AdamWRows : IRowKernel
    {
        private const int PartLength = 16384;

        public View W;
        public View G;
        public View M;
        public View V2;
        public AdamWStep Step;
        public float FirstBias;
        public float SecondBias;
        private long flat;

        public readonly int Parts => flat > 0 ? (int)((flat + PartLength - 1) / PartLength) : W.Rows;

        public readonly int Length => flat > 0 ? PartLength : W.Columns;

        public void Flatten() => flat = (long)W.Rows * W.Columns;

        public readonly void Row(int row)
        {
            if (flat == 0)
            {
                Update(W.Row(row), G.Row(row), M.Row(row), V2.Row(row), W.Columns);
                return;
            }

            var start = (nint)row * PartLength;
            var length = (int)Math.Min(PartLength, flat - start);
            Update(W.Start + start, G.Start + start, M.Start + start, V2.Start + start, length);
        }

        private readonly void Update(float* w, float* g, float* m, float* v, int length)
        {
            var j = 0;
            for (; j + V.Count <= length; j += V.Count)
            {
                V weight = V.Load(w + j), first = V.Load(m + j), second = V.Load(v + j);
                Apply(ref weight, V.Load(g + j), ref first, ref second);
                V.Store(weight, w + j);
                V.Store(first, m + j);
                V.Store(second, v + j);
            }

            var rest = length - j;
            if (rest == 0)
                return;
            V lastWeight = Functions.LoadPartial<V>(w + j, rest), lastFirst = Functions.LoadPartial<V>(m + j, rest);
            var lastSecond = Functions.LoadPartial<V>(v + j, rest);
            Apply(ref lastWeight, Functions.LoadPartial<V>(g + j, rest), ref lastFirst, ref lastSecond);
            Functions.StorePartial(lastWeight, w + j, rest);
            Functions.StorePartial(lastFirst, m + j, rest);
            Functions.StorePartial(lastSecond, v + j, rest);
        }

        private readonly void Apply(ref V weight, V gradient, ref V first, ref V second)
        {
            gradient *= V.Broadcast(Step.GradientScale);
            first = V.MultiplyAdd(V.Broadcast(Step.Beta1), first, V.Broadcast(1f - Step.Beta1) * gradient);
            second = V.MultiplyAdd(
                V.Broadcast(Step.Beta2), second, V.Broadcast(1f - Step.Beta2) * gradient * gradient);
            var root = V.Sqrt(second * V.Broadcast(SecondBias)) + V.Broadcast(Step.Epsilon);
            var update = first * V.Broadcast(FirstBias) / root;
            update = V.MultiplyAdd(V.Broadcast(Step.WeightDecay), weight, update);
            weight = V.MultiplyAdd(V.Broadcast(-Step.LearningRate), update, weight);
        }
    }
}
