namespace SoupsActors.Tensors;

/// <summary>
/// What a device can compute: the kernels under autograd, the models and the optimisers.
/// </summary>
/// <remarks>
/// Shapes are given as rows × columns. Output blocks are allocated by the caller and never overlap an input unless a
/// method says so. Index arrays are host memory. A kernel gives one output row the same bits whatever other rows are
/// computed in the same call (invariant 1 of the design): sums over k, over keys and over columns run in one fixed order
/// that depends on the row's own shape only. Backward kernels that end in <c>Accumulate</c> add to their output.
/// </remarks>
public abstract partial class Backend : IDisposable
{
    /// <summary>A short name for logs and reports, such as "cpu (avx512, 2 threads)".</summary>
    public abstract string Name { get; }

    // ---- memory -------------------------------------------------------------------------------------------------

    /// <summary>Allocates <paramref name="length"/> elements set to zero.</summary>
    public abstract Storage Allocate(long length, ElementType type = ElementType.Float32);

    /// <summary>Copies host numbers into a contiguous run of a storage, converting to its element type.</summary>
    public abstract void Upload(ReadOnlySpan<float> source, Storage target, long offset = 0);

    /// <summary>Copies a contiguous run of a storage to the host, converting to fp32.</summary>
    public abstract void Download(Storage source, long offset, Span<float> target);

    /// <summary>y = x, both m × n.</summary>
    public abstract void Copy(Block x, Block y);

    /// <summary>y[i, j] = <paramref name="value"/>.</summary>
    public abstract void Fill(Block y, float value);

    // ---- matrix products ----------------------------------------------------------------------------------------

    /// <summary>c = op(a)·op(b), or c += op(a)·op(b): m × k times k × n. All four transposition forms.</summary>
    public abstract void MatMul(Block a, bool transposeA, Block b, bool transposeB, Block c, bool accumulate = false);

    /// <summary>
    /// Lays out a weight matrix w (out × in) for <see cref="MatMulPacked"/>, stored as <paramref name="type"/>.
    /// Later changes of w are not seen.
    /// </summary>
    public abstract PackedMatrix Pack(Block w, ElementType type = ElementType.Float32);

    /// <summary>y = x·wᵀ, or y += x·wᵀ: x is m × in, y is m × out, from m = 1 to thousands.</summary>
    /// <remarks>
    /// Every output adds its products in order of k in one chain, never in several partial sums. Numbers of x that are zero
    /// therefore leave the bits alone wherever they lie, which lets rows with different experts share one product.
    /// </remarks>
    public abstract void MatMulPacked(Block x, PackedMatrix w, Block y, bool accumulate = false);

    // ---- element-wise -------------------------------------------------------------------------------------------

    /// <summary>y = op(x) element by element; y may be x.</summary>
    public abstract void Unary(UnaryOp op, Block x, Block y);

    /// <summary>dx += dy · op'(x), element by element; <paramref name="y"/> is op(x).</summary>
    public abstract void UnaryBackwardAccumulate(UnaryOp op, Block x, Block y, Block dy, Block dx);

    /// <summary>
    /// y = op(a, b) element by element; y may be a or b. b may have one row (repeated over the rows of a), one column
    /// (repeated over the columns) or both.
    /// </summary>
    public abstract void Binary(BinaryOp op, Block a, Block b, Block y);

    /// <summary>y += α·x.</summary>
    public abstract void AddScaled(float alpha, Block x, Block y);

    /// <summary>y = α·x + β; y may be x.</summary>
    public abstract void Affine(float alpha, float beta, Block x, Block y);

    /// <summary>y (m × n) += x_i·s for the row scale s (m × 1): y[i, j] += x[i, j]·s[i].</summary>
    public abstract void ScaleRowsAccumulate(Block x, Block s, Block y);

    // ---- reductions ---------------------------------------------------------------------------------------------

    /// <summary>y (m × 1) = op over the columns of x (m × n); the empty sum is 0, the empty maximum −∞.</summary>
    public abstract void ReduceColumns(ReduceOp op, Block x, Block y);

    /// <summary>y (1 × n) += the sum over the rows of x (m × n): the gradient of a bias.</summary>
    public abstract void SumRowsAccumulate(Block x, Block y);

    /// <summary>The sum of all elements, accumulated in double precision.</summary>
    public abstract double Sum(Block x);

    /// <summary>The sum of squares of all elements, accumulated in double precision.</summary>
    public abstract double SumOfSquares(Block x);

    /// <summary>
    /// The column of the first maximum of each row of x (m × n, n ≥ 1), into m integers. NaN is below every number; a row
    /// without a number above −∞ gives column 0.
    /// </summary>
    public abstract void ArgMax(Block x, Span<int> columns);

    /// <summary>True when no element is NaN or infinite.</summary>
    public abstract bool AllFinite(Block x);

    // ---- indexing -----------------------------------------------------------------------------------------------

    /// <summary>y[i] = table[rows[i]] (embedding): table is v × n, y is m × n.</summary>
    public abstract void GatherRows(Block table, ReadOnlySpan<int> rows, Block y);

    /// <summary>table[rows[i]] += x[i]; equal indices add up in order of i.</summary>
    public abstract void ScatterRowsAccumulate(Block x, ReadOnlySpan<int> rows, Block table);

    /// <summary>y[i] = x[i, columns[i]]: x is m × n, y is m × 1.</summary>
    public abstract void GatherColumns(Block x, ReadOnlySpan<int> columns, Block y);

    /// <summary>x[i, columns[i]] += y[i]: x is m × n, y is m × 1.</summary>
    public abstract void ScatterColumnsAccumulate(Block y, ReadOnlySpan<int> columns, Block x);

    // ---- normalisation, rotation, gates -------------------------------------------------------------------------

    /// <summary>
    /// y[i] = x[i] · g / rms(x[i]) with rms = √(mean of squares + ε): x and y are m × n, g is 1 × n, and
    /// <paramref name="inverseRms"/> (m × 1) receives 1/rms for the backward pass. Zhang and Sennrich 2019, equation 4.
    /// </summary>
    public abstract void RmsNorm(Block x, Block gain, float epsilon, Block y, Block inverseRms);

    /// <summary>dx += and dg += the gradients of <see cref="RmsNorm"/>; no dg for a gain that is not trained.</summary>
    public abstract void RmsNormBackwardAccumulate(Block x, Block gain, Block inverseRms, Block dy, Block dx, Block? dgain);

    /// <summary>
    /// Rotates each head of x (m × heads·d, d even) in place by its position, half-split as Hugging Face does: the pair is
    /// (j, j + d/2). <paramref name="table"/> is positions × d: cosines of the d/2 angles, then sines. The inverse rotation
    /// (<paramref name="inverse"/>) is the backward pass.
    /// </summary>
    public abstract void Rotate(Block x, int heads, ReadOnlySpan<int> positions, Block table, bool inverse = false);

    /// <summary>y = silu(gate) · up, all m × n (Shazeer 2020, SwiGLU).</summary>
    public abstract void SiluGate(Block gate, Block up, Block y);

    /// <summary>dgate = and dup =, or with <paramref name="accumulate"/> +=, the gradients of <see cref="SiluGate"/>.</summary>
    public abstract void SiluGateBackward(Block gate, Block up, Block dy, Block dgate, Block dup, bool accumulate = false);

    // ---- softmax and losses -------------------------------------------------------------------------------------

    /// <summary>y = softmax or log-softmax of each row of x; y may be x.</summary>
    public abstract void Softmax(Block x, Block y, bool log = false);

    /// <summary>dx += the gradient of <see cref="Softmax"/> with the result y at hand.</summary>
    public abstract void SoftmaxBackwardAccumulate(Block y, Block dy, Block dx, bool log = false);

    /// <summary>
    /// losses[i] = log Σ_j exp(x[i, j]) − x[i, targets[i]]; x is m × n, losses and <paramref name="logSumExp"/> are m × 1,
    /// both 0 where the target is negative. The probabilities are never stored.
    /// </summary>
    public abstract void CrossEntropy(Block logits, ReadOnlySpan<int> targets, Block losses, Block logSumExp);

    /// <summary>dx += dloss[i] · (softmax(x[i]) − onehot(targets[i])), nothing where the target is negative.</summary>
    public abstract void CrossEntropyBackwardAccumulate(
        Block logits, ReadOnlySpan<int> targets, Block logSumExp, Block dlosses, Block dlogits);

    // ---- attention ----------------------------------------------------------------------------------------------

    /// <summary>
    /// Causal attention over sequences laid one after the other. q and y are m × heads·d, k and v are m × kvHeads·d,
    /// sequence s owns rows starts[s] … starts[s + 1]; a query head h reads key head h / (heads / kvHeads).
    /// <paramref name="logSumExp"/> (m × heads) is kept for the backward pass. Vaswani et al. 2017, section 3.2.
    /// </summary>
    public abstract void Attention(
        Block q, Block k, Block v, AttentionShape shape, ReadOnlySpan<int> starts, Block y, Block logSumExp);

    /// <summary>dq, dk, dv += the gradients of <see cref="Attention"/>; the probabilities are computed again.</summary>
    public abstract void AttentionBackwardAccumulate(
        Block q, Block k, Block v, AttentionShape shape, ReadOnlySpan<int> starts, Block y, Block logSumExp, Block dy,
        Block dq, Block dk, Block dv);

    /// <summary>Allocates a paged key/value cache.</summary>
    public abstract KvCache AllocateKvCache(KvCacheShape shape);

    /// <summary>Writes row i of k and v (m × kvHeads·d) to slot slots[i] = block · BlockTokens + offset of a layer.</summary>
    public abstract void WriteKv(KvCache cache, int layer, Block k, Block v, ReadOnlySpan<int> slots);

    /// <summary>
    /// Attention of query rows over the cache: row i (of q and y, m × heads·d) belongs to sequence sequences[i], sees its
    /// first lengths[i] tokens, and finds token t in block blockTables[sequences[i] · tableStride + t / BlockTokens].
    /// The order of summation is a function of lengths[i] alone, so prefill in chunks and decoding agree to the bit.
    /// </summary>
    public abstract void PagedAttention(
        Block q, KvCache cache, int layer, AttentionShape shape, ReadOnlySpan<int> sequences, ReadOnlySpan<int> lengths,
        ReadOnlySpan<int> blockTables, int tableStride, Block y);

    // ---- optimisation -------------------------------------------------------------------------------------------

    /// <summary>
    /// One AdamW step on a contiguous parameter w with gradient g and moments m, v, all of one shape
    /// (Loshchilov and Hutter 2019, algorithm 2; bias correction by the step number, decay decoupled).
    /// </summary>
    public abstract void AdamW(Block w, Block g, Block m, Block v, in AdamWStep step);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the device.</summary>
    protected abstract void Dispose(bool disposing);
}

/// <summary>The functions of one number that <see cref="Backend.Unary"/> knows.</summary>
public enum UnaryOp
{
    /// <summary>−x</summary>
    Negate,

    /// <summary>eˣ</summary>
    Exp,

    /// <summary>ln x</summary>
    Log,

    /// <summary>x²</summary>
    Square,

    /// <summary>√x</summary>
    Sqrt,

    /// <summary>|x|</summary>
    Abs,

    /// <summary>1 / (1 + e⁻ˣ)</summary>
    Sigmoid,

    /// <summary>ln σ(x), without overflow</summary>
    LogSigmoid,

    /// <summary>tanh x</summary>
    Tanh,

    /// <summary>x · σ(x)</summary>
    Silu,

    /// <summary>max(x, 0)</summary>
    Relu,
}

/// <summary>The functions of two numbers that <see cref="Backend.Binary"/> knows.</summary>
public enum BinaryOp
{
    /// <summary>a + b</summary>
    Add,

    /// <summary>a − b</summary>
    Subtract,

    /// <summary>a · b</summary>
    Multiply,

    /// <summary>a / b</summary>
    Divide,

    /// <summary>The smaller of both.</summary>
    Minimum,

    /// <summary>The larger of both.</summary>
    Maximum,

    /// <summary>1 where a ≤ b, else 0 (masks and the gradients of minimum, maximum and clamp)</summary>
    LessOrEqual,
}

/// <summary>Reductions over the columns of a block.</summary>
public enum ReduceOp
{
    /// <summary>Σ x</summary>
    Sum,

    /// <summary>max x</summary>
    Maximum,

    /// <summary>log Σ eˣ, without overflow</summary>
    LogSumExp,
}

/// <summary>The heads of an attention layer.</summary>
/// <param name="Heads">Query heads.</param>
/// <param name="KvHeads">Key and value heads; divides <paramref name="Heads"/>.</param>
/// <param name="HeadSize">d, numbers per head.</param>
/// <param name="Scale">Factor on the scores, usually 1/√d.</param>
public readonly record struct AttentionShape(int Heads, int KvHeads, int HeadSize, float Scale);

/// <summary>The size of a paged key/value cache.</summary>
/// <param name="Layers">Layers of the model.</param>
/// <param name="Blocks">Blocks in the pool, shared by all sequences.</param>
/// <param name="BlockTokens">Tokens per block.</param>
/// <param name="KvHeads">Key and value heads.</param>
/// <param name="HeadSize">Numbers per head.</param>
public readonly record struct KvCacheShape(int Layers, int Blocks, int BlockTokens, int KvHeads, int HeadSize);

/// <summary>Keys and values of many sequences in blocks of a fixed number of tokens; the layout is the backend's own.</summary>
public abstract class KvCache(KvCacheShape shape) : IDisposable
{
    /// <summary>The size it was allocated with.</summary>
    public KvCacheShape Shape { get; } = shape;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Returns the memory to the device.</summary>
    protected abstract void Dispose(bool disposing);
}

/// <summary>A weight matrix in the layout that a backend multiplies fastest.</summary>
public abstract class PackedMatrix(int outputs, int inputs, ElementType type) : IDisposable
{
    /// <summary>Rows of the matrix: numbers that come out.</summary>
    public int Outputs { get; } = outputs;

    /// <summary>Columns of the matrix: numbers that go in.</summary>
    public int Inputs { get; } = inputs;

    /// <summary>How the numbers are stored.</summary>
    public ElementType Type { get; } = type;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Returns the memory to the device.</summary>
    protected abstract void Dispose(bool disposing);
}

/// <summary>The numbers of one AdamW step.</summary>
/// <param name="LearningRate">Step size after the schedule.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="WeightDecay">Decoupled decay, multiplied by the learning rate.</param>
/// <param name="Step">Number of this step, from 1.</param>
/// <param name="GradientScale">Factor on the gradient, such as that of clipping by the global norm.</param>
public readonly record struct AdamWStep(
    float LearningRate, float Beta1, float Beta2, float Epsilon, float WeightDecay, int Step, float GradientScale = 1f);
