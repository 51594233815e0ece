using System.Runtime.CompilerServices;

namespace SoupsActors.Tensors.Cpu;

/// <content>The gate of a feed-forward layer.</content>
internal sealed unsafe partial class CpuBackend<V>
{
    // An exponential and a division cost about as much as this many loads and additions.
    private const int GateWork = 8;

    public override void SiluGate(Block gate, Block up, Block y)
    {
        Arguments.Same(up, gate);
        Arguments.Same(y, gate);
        Each(default(Gate), Resolve(y), Resolve(gate), Resolve(up));
    }

    public override void SiluGateBackward(
        Block gate, Block up, Block dy, Block dgate, Block dup, bool accumulate = false)
    {
        Arguments.Same(up, gate);
        Arguments.Same(dy, gate);
        Arguments.Same(dgate, gate);
        Arguments.Same(dup, gate);
        var work = new GateBackward
        {
            Gate = Resolve(gate),
            Up = Resolve(up),
            Above = Resolve(dy),
            ToGate = Resolve(dgate),
            ToUp = Resolve(dup),
            Accumulate = accumulate,
        };
        ForRows(work, gate.Rows, GateWork * (long)gate.Columns);
    }

    private readonly struct Gate : IElementFunction<V>
    {
        public static int Inputs => 2;

        public V Apply(V a, V b, V c, V d) => a * Functions.Sigmoid(a) * b;
    }

    /// <summary>Both gradients in one pass, which share the sigmoid and the loads.</summary>
    private struct GateBackward : IRowKernel
    {
        public View Gate;
        public View Up;
        public View Above;
        public View ToGate;
        public View ToUp;
        public bool Accumulate;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Row(int row)
        {
            float* gate = Gate.Row(row), up = Up.Row(row), above = Above.Row(row);
            float* toGate = ToGate.Row(row), toUp = ToUp.Row(row);
            var j = 0;
            for (; j + V.Count <= Gate.Columns; j += V.Count)
            {
                V ofGate = default, ofUp = default;
                if (Accumulate)
                    (ofGate, ofUp) = (V.Load(toGate + j), V.Load(toUp + j));
                Add(V.Load(gate + j), V.Load(up + j), V.Load(above + j), ref ofGate, ref ofUp);
                V.Store(ofGate, toGate + j);
                V.Store(ofUp, toUp + j);
            }

            var rest = Gate.Columns - j;
            if (rest == 0)
                return;
            V lastGate = default, lastUp = default;
            if (Accumulate)
            {
                lastGate = Functions.LoadPartial<V>(toGate + j, rest);
                lastUp = Functions.LoadPartial<V>(toUp + j, rest);
            }

            Add(
                Functions.LoadPartial<V>(gate + j, rest), Functions.LoadPartial<V>(up + j, rest),
                Functions.LoadPartial<V>(above + j, rest), ref lastGate, ref lastUp);
            Functions.StorePartial(lastGate, toGate + j, rest);
            Functions.StorePartial(lastUp, toUp + j, rest);
        }

        /// <summary>With σ = σ(gate): dgate += dy·up·σ·(1 + gate·(1 − σ)) and dup += dy·gate·σ.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Add(V gate, V up, V above, ref V toGate, ref V toUp)
        {
            var one = V.Broadcast(1f);
            var sigmoid = Functions.Sigmoid(gate);
            var slope = sigmoid * V.MultiplyAdd(gate, one - sigmoid, one);
            toGate = V.MultiplyAdd(above * up, slope, toGate);
            toUp = V.MultiplyAdd(above, gate * sigmoid, toUp);
        }
    }
}
