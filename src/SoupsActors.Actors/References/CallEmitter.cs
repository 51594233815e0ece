using System.Reflection;
using System.Reflection.Emit;
using Orleans;
using SoupsActors.Actors.Copying;

namespace SoupsActors.Actors;

/// <summary>A generated call class.</summary>
internal sealed record CallClass(
    Type Created, ConstructorInfo Constructor, FieldInfo[] Arguments, FieldInfo MethodField, MethodInfo Send,
    CallMethod Method)
{
    /// <summary>Tells the class which method it is for.</summary>
    public void SetMethod() => MethodField.SetValue(null, Method);
}

/// <summary>
/// Generates the class of a method's calls: a field for each argument, the invocation on the grain, and access to the
/// arguments
/// by index for filters.
/// </summary>
internal static class CallEmitter
{
    private const MethodAttributes Override = MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.HideBySig;

    public static CallClass Emit(ModuleBuilder module, Type grainInterface, MethodInfo method, int number)
    {
        var (baseType, send) = KindOf(grainInterface, method);
        var parameters = method.GetParameters();
        var type = module.DefineType(
            $"{grainInterface.Name}.{method.Name}#{number}", TypeAttributes.Public | TypeAttributes.Sealed, baseType);
        var arguments = new FieldInfo[parameters.Length];
        for (var i = 0; i < arguments.Length; i++)
            arguments[i] = type.DefineField($"argument{i}", parameters[i].ParameterType, FieldAttributes.Public);
        var methodField = type.DefineField(
            "Method", typeof(CallMethod), FieldAttributes.Public | FieldAttributes.Static);
        type.DefineDefaultConstructor(MethodAttributes.Public);

        EmitInvoke(type, grainInterface, method, arguments);
        EmitToken(type, parameters, arguments);
        if (typeof(Call).IsAssignableFrom(baseType))
            EmitArguments(type, arguments);

        var created = type.CreateType();
        var callMethod = new CallMethod(grainInterface, method);
        return new CallClass(
            created,
            created.GetConstructor([])!,
            [.. Enumerable.Range(0, arguments.Length).Select(i => created.GetField($"argument{i}")!)],
            created.GetField("Method")!,
            send,
            typeof(Call).IsAssignableFrom(baseType) ? callMethod : callMethod.ForStreaming());
    }

    /// <summary>What copies a parameter's value; null when it may be shared.</summary>
    public static MethodInfo? CopierFor(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        return parameter.IsDefined(typeof(ImmutableAttribute)) || CopyRules.MayBeShared(type)
            ? null
            : typeof(Copier<>).MakeGenericType(type).GetMethod(nameof(Copier<int>.Copy), [type]);
    }

    private static (Type Base, MethodInfo Send) KindOf(Type grainInterface, MethodInfo method)
    {
        if (method.ContainsGenericParameters)
            throw Unsupported(grainInterface, method, "generic methods are not supported by this host");
        if (method.IsSpecialName)
            throw Unsupported(grainInterface, method, "grain interfaces cannot have properties or events");
        if (method.GetParameters().Any(p => p.ParameterType.IsByRef))
            throw Unsupported(grainInterface, method, "ref, in and out parameters cannot travel");
        var result = method.ReturnType;
        var definition = result.IsGenericType ? result.GetGenericTypeDefinition() : null;
        if (result == typeof(Task))
            return (typeof(TaskCall), SenderOf(nameof(Sender.SendTask)));
        if (result == typeof(ValueTask))
            return (typeof(ValueTaskCall), SenderOf(nameof(Sender.SendValueTask)));
        if (definition == typeof(Task<>))
            return (Of(typeof(TaskCall<>)), SenderOf(nameof(Sender.SendTask), result.GetGenericArguments()));
        if (definition == typeof(ValueTask<>))
            return (Of(typeof(ValueTaskCall<>)), SenderOf(nameof(Sender.SendValueTask), result.GetGenericArguments()));
        if (definition == typeof(IAsyncEnumerable<>))
            return (Of(typeof(EnumerableCall<>)), SenderOf(nameof(Sender.Stream), result.GetGenericArguments()));
        if (result == typeof(void) && typeof(IGrainObserver).IsAssignableFrom(grainInterface))
            return (typeof(SyncCall), SenderOf(nameof(Sender.SendVoid)));
        throw Unsupported(
            grainInterface, method, "it must return Task, Task<T>, ValueTask, ValueTask<T> or IAsyncEnumerable<T>");

        Type Of(Type generic) => generic.MakeGenericType(result.GetGenericArguments());
    }

    private static MethodInfo SenderOf(string name, params Type[] results)
    {
        var method = typeof(Sender).GetMethods(BindingFlags.Static | BindingFlags.Public)
            .Single(m => m.Name == name && m.GetGenericArguments().Length == results.Length);
        return results.Length == 0 ? method : method.MakeGenericMethod(results);
    }

    private static NotSupportedException Unsupported(Type grainInterface, MethodInfo method, string reason) =>
        new($"{grainInterface}.{method.Name} cannot be called on a grain: {reason}.");

    private static void EmitInvoke(TypeBuilder type, Type grainInterface, MethodInfo method, FieldInfo[] arguments)
    {
        var il = type.DefineMethod("Invoke", Override, method.ReturnType, [typeof(object)]).GetILGenerator();
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Castclass, grainInterface);
        foreach (var argument in arguments)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, argument);
        }

        il.Emit(OpCodes.Callvirt, method);
        il.Emit(OpCodes.Ret);
    }

    private static void EmitToken(TypeBuilder type, ParameterInfo[] parameters, FieldInfo[] arguments)
    {
        var index = Array.FindIndex(parameters, p => p.ParameterType == typeof(CancellationToken));
        if (index < 0)
            return;
        var il = type.DefineMethod("GetToken", Override, typeof(CancellationToken), []).GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, arguments[index]);
        il.Emit(OpCodes.Ret);

        il = type.DefineMethod("SetToken", Override, typeof(void), [typeof(CancellationToken)]).GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Stfld, arguments[index]);
        il.Emit(OpCodes.Ret);
    }

    private static void EmitArguments(TypeBuilder type, FieldInfo[] arguments)
    {
        var il = type.DefineMethod(nameof(Call.GetArgumentCount), Override, typeof(int), []).GetILGenerator();
        il.Emit(OpCodes.Ldc_I4, arguments.Length);
        il.Emit(OpCodes.Ret);

        il = type.DefineMethod(nameof(Call.GetArgument), Override, typeof(object), [typeof(int)]).GetILGenerator();
        EmitSwitch(il, arguments, typeof(Call).GetMethod(nameof(Call.GetArgument))!, field =>
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, field);
            il.Emit(OpCodes.Box, field.FieldType);
        });

        il = type.DefineMethod(
            nameof(Call.SetArgument), Override, typeof(void), [typeof(int), typeof(object)]).GetILGenerator();
        EmitSwitch(il, arguments, typeof(Call).GetMethod(nameof(Call.SetArgument))!, field =>
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldarg_2);
            il.Emit(OpCodes.Unbox_Any, field.FieldType);
            il.Emit(OpCodes.Stfld, field);
        });
    }

    /// <summary>A case per argument, and the base class's error for any other index.</summary>
    private static void EmitSwitch(
        ILGenerator il, FieldInfo[] arguments, MethodInfo otherwise, Action<FieldInfo> emitCase)
    {
        var cases = arguments.Select(_ => il.DefineLabel()).ToArray();
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Switch, cases);
        for (var i = 0; i <= otherwise.GetParameters().Length; i++)
            il.Emit(OpCodes.Ldarg, i);
        il.Emit(OpCodes.Call, otherwise);
        il.Emit(OpCodes.Ret);
        for (var i = 0; i < cases.Length; i++)
        {
            il.MarkLabel(cases[i]);
            emitCase(arguments[i]);
            il.Emit(OpCodes.Ret);
        }
    }
}
