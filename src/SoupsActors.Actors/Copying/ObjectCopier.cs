using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace SoupsActors.Actors.Copying;

/// <summary>Generates copiers that make a new object and copy fields, private and read-only ones too.</summary>
internal static class ObjectCopier
{
    /// <summary>
    /// A delegate <c>Func&lt;T, CopyContext, T&gt;</c>. The object is made by its parameterless constructor if it has
    /// one, so that
    /// fields that do not travel are as in a new object.
    /// </summary>
    public static Delegate Emit(Type type, FieldInfo[] fields)
    {
        var method = new DynamicMethod(
            $"Copy {type}", type, [type, typeof(CopyContext)], typeof(ObjectCopier).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        var copy = il.DeclareLocal(type);
        if (type.IsValueType)
        {
            il.Emit(OpCodes.Ldloca, copy);
            il.Emit(OpCodes.Initobj, type);
        }
        else
        {
            EmitNew(il, type);
            il.Emit(OpCodes.Stloc, copy);
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldloc, copy);
            il.Emit(OpCodes.Call, typeof(CopyContext).GetMethod(nameof(CopyContext.Remember))!);
        }

        foreach (var field in fields)
        {
            il.Emit(type.IsValueType ? OpCodes.Ldloca : OpCodes.Ldloc, copy);
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, field);
            if (!IsMarkedImmutable(field) && !CopyRules.MayBeShared(field.FieldType))
            {
                il.Emit(OpCodes.Ldarg_1);
                il.Emit(OpCodes.Call, typeof(Copier<>).MakeGenericType(field.FieldType)
                    .GetMethod(nameof(Copier<int>.Copy), [field.FieldType, typeof(CopyContext)])!);
            }

            il.Emit(OpCodes.Stfld, field);
        }

        il.Emit(OpCodes.Ldloc, copy);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate(typeof(Func<,,>).MakeGenericType(type, typeof(CopyContext), type));
    }

    private static void EmitNew(ILGenerator il, Type type)
    {
        if (type.GetConstructor(
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, []) is { } constructor)
        {
            il.Emit(OpCodes.Newobj, constructor);
            return;
        }

        il.Emit(OpCodes.Ldtoken, type);
        il.Emit(OpCodes.Call, typeof(Type).GetMethod(nameof(Type.GetTypeFromHandle))!);
        il.Emit(OpCodes.Call, typeof(RuntimeHelpers).GetMethod(nameof(RuntimeHelpers.GetUninitializedObject))!);
        il.Emit(OpCodes.Castclass, type);
    }

    private static bool IsMarkedImmutable(FieldInfo field)
    {
        if (field.IsDefined(typeof(Orleans.ImmutableAttribute), false))
            return true;
        if (field.Name[0] != '<')
            return false;
        var name = field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)];
        return field.DeclaringType!
            .GetProperty(
                name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)?
            .IsDefined(typeof(Orleans.ImmutableAttribute), false) == true;
    }
}
